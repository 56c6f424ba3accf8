using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>How <see cref="OnnxModel"/> runs.</summary>
public sealed class OnnxOptions
{
    /// <summary>Threads that share a batch. Results do not depend on their number.</summary>
    /// <value>Default: one for each processor.</value>
    public Workers Workers { get; init; } = Workers.PerProcessor();

    /// <summary>
    /// Whether memory that a pass has done with is overwritten, so that a step that reads it all the same gets no numbers.
    /// </summary>
    internal bool Poison { get; init; }
}
