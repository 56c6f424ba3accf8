namespace TrakFast.ML;

/// <summary>A training example's scores for all targets.</summary>
public sealed class ScoreRow
{
    /// <summary>The training example.</summary>
    public long TrainIndex { get; set; }

    /// <summary>A score for each target, [m].</summary>
    public float[] Scores { get; set; } = [];
}
