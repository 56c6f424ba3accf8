using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>How <see cref="OnnxModel"/> runs.</summary>
public sealed class OnnxOptions
{
    /// <summary>Threads that share a batch. Results do not depend on their number.</summary>
    /// <value>Default: one for each processor.</value>
    public Workers Workers { get; init; } = Workers.PerProcessor();
}
