namespace TrakFast.Cli.Examples;

/// <summary>Checks that sets of examples are those that were scored: their sizes, and their values where the run kept their hash.</summary>
internal static class ScoredSets
{
    /// <summary>Refuses sets that hold other data than was scored.</summary>
    /// <exception cref="TrakException">The sizes or the values differ.</exception>
    public static void CheckSame(ScoresProvenance made, ExampleSet? train, ExampleSet? targets)
    {
        train?.RequireSame(made.TrainSetId, "--train");
        targets?.RequireSame(made.TargetSetId, "--target");
    }

    /// <summary>Refuses a train set of another size.</summary>
    /// <exception cref="TrakException">The sizes differ.</exception>
    public static void CheckTrain(Scores scores, long train)
    {
        if (train != scores.TrainSize)
            throw new TrakException($"--train has {train} examples; the scores are of {scores.TrainSize}.");
    }

    /// <summary>Refuses a set of targets of another size.</summary>
    /// <exception cref="TrakException">The sizes differ.</exception>
    public static void CheckTargets(Scores scores, long targets)
    {
        if (targets != scores.TargetCount)
            throw new TrakException($"--target has {targets} examples; the scores are of {scores.TargetCount}.");
    }
}
