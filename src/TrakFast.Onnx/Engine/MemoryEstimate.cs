namespace TrakFast.Onnx;

/// <summary>Memory that a model takes in host memory, in bytes.</summary>
/// <param name="Weights">Its stored arrays.</param>
/// <param name="Passes">Values and gradients of one batch, at the peak of a forward and a backward pass, with the outputs' copies for the task.</param>
public sealed record MemoryEstimate(long Weights, long Passes)
{
    /// <summary>Both together.</summary>
    public long Total => Weights + Passes;
}
