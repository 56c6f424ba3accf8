namespace TrakFast.Kernels;

/// <summary>How a device multiplies.</summary>
internal enum DeviceArithmetic
{
    /// <summary>
    /// On tensor cores, numbers split so that short sums are as exact as float32's: signs by three bfloat16 of a gradient, Gram matrices
    /// and scores by two tf32 of either factor. Normal numbers as <see cref="Float32"/>.
    /// </summary>
    TensorCores,

    /// <summary>float32 FMAs, in the order of the coordinates.</summary>
    Float32,

    /// <summary>A thread an output: what the others are compared with, in tests and benchmarks.</summary>
    Reference,
}
