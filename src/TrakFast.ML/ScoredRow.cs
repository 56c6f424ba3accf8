namespace TrakFast.ML;

/// <summary>A strong training example of a target.</summary>
public sealed class ScoredRow
{
    /// <summary>Creates an empty row, for ML.NET.</summary>
    public ScoredRow()
    {
    }

    /// <summary>Creates a row.</summary>
    /// <param name="target">The target.</param>
    /// <param name="isProponent">Whether the training example spoke for it.</param>
    /// <param name="rank">Its place among those, from 1.</param>
    /// <param name="trainIndex">The training example.</param>
    /// <param name="score">Its score.</param>
    public ScoredRow(long target, bool isProponent, int rank, long trainIndex, float score) =>
        (Target, IsProponent, Rank, TrainIndex, Score) = (target, isProponent, rank, trainIndex, score);

    /// <summary>The target.</summary>
    public long Target { get; set; }

    /// <summary>Whether the training example spoke for it.</summary>
    public bool IsProponent { get; set; }

    /// <summary>Its place among those, from 1.</summary>
    public int Rank { get; set; }

    /// <summary>The training example.</summary>
    public long TrainIndex { get; set; }

    /// <summary>Its score.</summary>
    public float Score { get; set; }
}
