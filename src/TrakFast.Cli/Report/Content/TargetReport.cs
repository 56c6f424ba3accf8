namespace TrakFast.Cli.Report.Content;

/// <summary>A target with the training examples that speak most strongly for and against it.</summary>
internal sealed record TargetReport
{
    /// <summary>Index among the targets.</summary>
    public required long Index { get; init; }

    /// <summary>Its picture or text.</summary>
    public required ExampleContent Content { get; init; }

    /// <summary>Its label, when there is one.</summary>
    public string? Label { get; init; }

    /// <summary>What the model said, when known.</summary>
    public string? Prediction { get; init; }

    /// <summary>Training examples with the highest scores, highest first.</summary>
    public IReadOnlyList<ScoredExample> Proponents { get; init; } = [];

    /// <summary>Training examples with the lowest scores, lowest first.</summary>
    public IReadOnlyList<ScoredExample> Opponents { get; init; } = [];

    /// <summary>Scores of all training examples for this target.</summary>
    public ScoreDistribution? Distribution { get; init; }
}

/// <summary>A training example and its score for a target.</summary>
/// <param name="TrainIndex">Index in the train set.</param>
/// <param name="Score">Its score.</param>
/// <param name="Content">Its picture or text.</param>
/// <param name="Label">Its label, when there is one.</param>
internal sealed record ScoredExample(long TrainIndex, double Score, ExampleContent Content, string? Label = null)
{
    /// <summary>Set when the example's label was changed on purpose before training.</summary>
    public LabelFlip? Flip { get; init; }
}

/// <summary>A label that was changed on purpose.</summary>
/// <param name="Was">The true label.</param>
/// <param name="Now">The label trained on.</param>
internal sealed record LabelFlip(string Was, string Now);
