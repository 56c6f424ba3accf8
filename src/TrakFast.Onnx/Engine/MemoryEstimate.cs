namespace TrakFast.Onnx;

/// <summary>Memory that a model takes in host memory, in bytes.</summary>
/// <param name="Weights">Its stored arrays.</param>
/// <param name="Inputs">One batch as it is brought.</param>
/// <param name="Passes">Values and gradients of one batch, at the peak of a forward and a backward pass.</param>
/// <param name="Outputs">Copies of the outputs for the task, and what its own arithmetic on them keeps, about.</param>
/// <param name="LargestValue">
/// The largest value that one example has, part of <paramref name="Passes"/>;
/// projecting a layer lays out about twice that for some examples at a time.
/// </param>
public sealed record MemoryEstimate(long Weights, long Inputs, long Passes, long Outputs, long LargestValue)
{
    /// <summary>All together.</summary>
    public long Total => Weights + Inputs + Passes + Outputs;
}
