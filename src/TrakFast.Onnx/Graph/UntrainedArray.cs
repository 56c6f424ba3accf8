namespace TrakFast.Onnx;

/// <summary>What tells that an array is no parameter, though a gradient would reach it.</summary>
public enum UntrainedClue
{
    /// <summary>The exporter says that it is a buffer, or made it up as a constant.</summary>
    Exporter,

    /// <summary>It is the running mean or variance of a normalization.</summary>
    RunningStatistics,

    /// <summary>It holds infinities, or numbers that stand for them, as masks do.</summary>
    NotFinite,

    /// <summary>It holds two numbers only, such as 0 and 1 or 0 and −10000.</summary>
    Mask,

    /// <summary>Its numbers follow a formula: sines, equal steps, distances, frequencies.</summary>
    Table,

    /// <summary>It is taken off the input, or divides it, before any weight.</summary>
    InputNormalization,

    /// <summary>All checkpoints hold it with the same bits.</summary>
    SameInCheckpoints,

    /// <summary>It is not in the list of the model's parameters.</summary>
    NotListed,
}

/// <summary>A stored array of floating-point numbers that a gradient would reach and that is no parameter all the same.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Shape">Its sizes.</param>
/// <param name="Clue">What kind of evidence there is.</param>
/// <param name="Reason">The evidence in words, without a full stop: <c>a mask: it holds only 0 and 1, and no layer reads it</c>.</param>
public sealed record UntrainedArray(string Name, IReadOnlyList<long> Shape, UntrainedClue Clue, string Reason);
