using TrakFast.Cli.Formatting;

namespace TrakFast.Cli.Runs;

/// <summary>What made an experiment's scores, in words.</summary>
internal static class ProvenanceTable
{
    /// <summary>The lines that stand above tables of scores.</summary>
    public static IEnumerable<string> Lines(TrakStore store, string experiment)
    {
        ScoresProvenance made = Of(store, experiment);
        yield return $"Scores of '{experiment}': {store.TaskName}, {Models(made)}, λ = {LambdaText(made)}, "
            + $"{TrakWords.Weightings.Word(made.Weighting)} weighting, {TrakWords.Scalings.Word(store.Scaling)} scaling.";
        yield return $"Made by {Maker(made)}, {TrakWords.Projections.Word(store.Projection)} of k = {NumberText.Of(store.ProjectionDimension)}, "
            + $"features in {TrakWords.Precisions.Word(store.Precision)}; "
            + $"training data {Id(made.TrainSetId)}, targets {Id(made.TargetSetId)}.";
    }

    /// <summary>The provenance of scores that are there.</summary>
    public static ScoresProvenance Of(TrakStore store, string experiment) => store.ProvenanceOf(experiment)
        ?? throw new TrakException($"Experiment '{experiment}' in {store.SaveDirectory} has no final scores yet; finalize them first.");

    /// <summary>λ as asked for and as used.</summary>
    public static string LambdaText(ScoresProvenance made) => made.LambdaAbsolute.Count == 0
        ? made.Lambda.ToString()
        : $"{made.Lambda} ({string.Join(", ", made.LambdaAbsolute.Select(static l => NumberText.Of(l)).Distinct())} on the diagonal)";

    /// <summary>The checkpoints that were averaged.</summary>
    public static string Models(ScoresProvenance made) =>
        made.ModelIds.Count == 1 ? $"model {made.ModelIds[0]}" : $"mean over models {string.Join(", ", made.ModelIds)}";

    /// <summary>Engines, backend and version.</summary>
    public static string Maker(ScoresProvenance made) => made.Version.Length == 0
        ? string.Join(" and ", made.Engines)
        : $"TrakFast {made.Version}, engine {string.Join(" and ", made.Engines)}, backend {made.Backend}";

    private static string Id(string id) => id.Length == 0 ? "not identified" : id;
}
