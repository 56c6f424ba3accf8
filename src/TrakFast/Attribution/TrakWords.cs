using TrakFast.Kernels;

namespace TrakFast;

/// <summary>
/// The words for what can be chosen. The tool's options, the save directory and the documentation read these tables;
/// tasks have theirs in <see cref="Tasks.Names"/>.
/// </summary>
public static class TrakWords
{
    /// <summary>Families of random projections.</summary>
    public static WordTable<ProjectionKind> Projections { get; } = new(
        "projection", [.. ProjectionFamily.All.Select(static f => (f.Kind, f.Word))]);

    /// <summary>How features are kept on disk, and what passes compute in.</summary>
    public static WordTable<ElementType> Precisions { get; } = new(
        "precision", (ElementType.Float32, "float32"), (ElementType.BFloat16, "bfloat16"), (ElementType.Float16, "float16"));

    /// <summary>Where Q enters a score.</summary>
    public static WordTable<Weighting> Weightings { get; } = new("weighting", (Weighting.Trak, "trak"), (Weighting.Loss, "loss"));

    /// <summary>Units of features and scores.</summary>
    public static WordTable<ScoreScaling> Scalings { get; } = new(
        "scaling", (ScoreScaling.Unit, "unit"), (ScoreScaling.TrakPython, "trak"));
}
