using TrakFast.Kernels;

namespace TrakFast;

/// <summary>What a <see cref="Traker"/> does. Options are checked once, when a Traker is made with them.</summary>
public sealed record TrakOptions
{
    /// <summary>The directory that keeps features and scores.</summary>
    /// <value>Default <c>trak_results</c>.</value>
    public string SaveDirectory { get; init; } = "trak_results";

    /// <summary>
    /// What identifies the training data, such as <see cref="ExampleSet.Hash"/>: a run does not go on with other data under
    /// the same save directory.
    /// </summary>
    /// <value>Default empty: only the number of examples is compared.</value>
    public string TrainSetId { get; init; } = string.Empty;

    /// <summary>The family of the random projection.</summary>
    /// <value>Default <see cref="ProjectionKind.Sjlt"/>: as faithful as TRAK's Rademacher, at a cost that does not grow with k.</value>
    public ProjectionKind Projection { get; init; } = ProjectionKind.Sjlt;

    /// <summary>Projection dimension k, 1 or more; not used by <see cref="ProjectionKind.None"/>, whose k is p.</summary>
    /// <value>Default 2048.</value>
    public int ProjectionDimension { get; init; } = 2048;

    /// <summary>Entries s that SJLT has in each row.</summary>
    /// <value>Default 1.</value>
    public int Sparsity { get; init; } = 1;

    /// <summary>Seed of the projection. Every checkpoint has its own matrix: the model id is the key's other half.</summary>
    /// <value>Default 0.</value>
    public uint Seed { get; init; }

    /// <summary>The regularizer.</summary>
    /// <value>Default 1, relative.</value>
    public Lambda Lambda { get; init; } = Lambda.Default;

    /// <summary>Where Q enters.</summary>
    /// <value>Default <see cref="TrakFast.Weighting.Trak"/>.</value>
    public Weighting Weighting { get; init; } = Weighting.Trak;

    /// <summary>Units of features and scores.</summary>
    /// <value>Default <see cref="ScoreScaling.Unit"/>.</value>
    public ScoreScaling Scaling { get; init; } = ScoreScaling.Unit;

    /// <summary>How features are kept on disk: float32, bfloat16 or float16. Arithmetic is in float32 or better.</summary>
    /// <value>Default <see cref="ElementType.Float32"/>.</value>
    public ElementType Precision { get; init; } = ElementType.Float32;

    /// <summary>
    /// Whether a run may go on with another engine, or another type of its passes, than it began with. Their features differ by rounding.
    /// </summary>
    /// <value>Default no.</value>
    public bool MixEngines { get; init; }

    /// <summary>
    /// Parameters to differentiate by (TRAK's <c>grad_wrt</c>): names, in which <c>*</c> stands for any characters;
    /// <c>!</c> before one leaves out what matches. Everything else is not computed.
    /// </summary>
    /// <value>Default empty: all parameters.</value>
    public IReadOnlyList<string> GradientOf { get; init; } = [];

    /// <summary>Checks what can be checked without a model.</summary>
    /// <exception cref="TrakException">An option is out of its range.</exception>
    internal void Validate()
    {
        Check(!string.IsNullOrWhiteSpace(SaveDirectory), "The save directory must have a name; it is empty.");
        TrakWords.Projections.Word(Projection);
        TrakWords.Weightings.Word(Weighting);
        TrakWords.Scalings.Word(Scaling);
        Check(ProjectionDimension >= 1, $"The projection dimension must be 1 or more; it is {ProjectionDimension}.");
        Check(
            Sparsity >= 1 && Sparsity <= ProjectionDimension,
            $"The sparsity must lie between 1 and the projection dimension {ProjectionDimension}; it is {Sparsity}.");
        TrakWords.Precisions.Word(Precision);
        Check(
            Scaling != ScoreScaling.TrakPython || Weighting == Weighting.Trak,
            "TRAK scaling reproduces MadryLab/trak, which knows no loss weighting; use unit scaling with it.");
    }

    private static void Check(bool holds, string otherwise)
    {
        if (!holds) throw new TrakException(otherwise);
    }
}
