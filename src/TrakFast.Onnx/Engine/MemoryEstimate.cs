namespace TrakFast.Onnx;

/// <summary>Memory that a model takes in host memory, in bytes.</summary>
/// <param name="Weights">Its stored arrays.</param>
/// <param name="Inputs">One batch as it is brought.</param>
/// <param name="Passes">Values and gradients of one batch, at the peak of a forward and a backward pass.</param>
/// <param name="Outputs">Copies of the outputs for the task, and what its own arithmetic on them keeps, about.</param>
public sealed record MemoryEstimate(long Weights, long Inputs, long Passes, long Outputs)
{
    /// <summary>All together.</summary>
    public long Total => Weights + Inputs + Passes + Outputs;
}
