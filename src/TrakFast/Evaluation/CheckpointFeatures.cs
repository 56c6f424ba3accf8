namespace TrakFast.Evaluation;

/// <summary>The features of one checkpoint, as gradient dot products want them.</summary>
public sealed class CheckpointFeatures
{
    /// <summary>Groups the features of one checkpoint.</summary>
    /// <param name="train">φ of the training examples, [n, k].</param>
    /// <param name="targets">φ of the targets, [m, k].</param>
    /// <param name="dimension">Projection dimension k.</param>
    /// <param name="outToLoss">Q of the training examples, [n], or nothing.</param>
    /// <exception cref="TrakException">The targets' features are no whole number of rows.</exception>
    public CheckpointFeatures(RowBlockReader train, ReadOnlyMemory<float> targets, int dimension, ReadOnlyMemory<float> outToLoss = default)
    {
        ArgumentNullException.ThrowIfNull(train);
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        if (targets.IsEmpty || targets.Length % dimension != 0)
        {
            throw new TrakException(
                $"The targets' features are {targets.Length} numbers, "
                + $"which is no whole number of rows of {dimension}.");
        }

        (Train, Targets, Dimension, OutToLoss) = (train, targets, dimension, outToLoss);
    }

    /// <summary>φ of the training examples, [n, k].</summary>
    public RowBlockReader Train { get; }

    /// <summary>φ of the targets, [m, k].</summary>
    public ReadOnlyMemory<float> Targets { get; }

    /// <summary>Projection dimension k.</summary>
    public int Dimension { get; }

    /// <summary>Q of the training examples, [n], or nothing.</summary>
    public ReadOnlyMemory<float> OutToLoss { get; }

    /// <summary>Number of targets m.</summary>
    public int TargetCount => Targets.Length / Dimension;
}
