namespace TrakFast.Cli.Examples;

/// <summary>Checks that sets of examples are those that were scored, as far as their sizes tell.</summary>
internal static class ScoredSets
{
    /// <summary>Refuses a train set of another size.</summary>
    /// <exception cref="TrakException">The sizes differ.</exception>
    public static void CheckTrain(Scores scores, NpyDataset train)
    {
        if (train.Count != scores.TrainSize)
            throw new TrakException($"--train has {train.Count} examples; the scores are of {scores.TrainSize}.");
    }

    /// <summary>Refuses a set of targets of another size.</summary>
    /// <exception cref="TrakException">The sizes differ.</exception>
    public static void CheckTargets(Scores scores, NpyDataset targets)
    {
        if (targets.Count != scores.TargetCount)
            throw new TrakException($"--target has {targets.Count} examples; the scores are of {scores.TargetCount}.");
    }
}
