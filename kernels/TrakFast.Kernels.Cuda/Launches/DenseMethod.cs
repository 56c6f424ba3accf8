namespace TrakFast.Kernels;

/// <summary>How the device multiplies by dense random matrices.</summary>
internal enum DenseMethod
{
    /// <summary>Signs on tensor cores, in products that are exact and short sums of them; normal numbers as <see cref="Float32"/>.</summary>
    TensorCores,

    /// <summary>float32 FMAs in the order of the coordinates.</summary>
    Float32,

    /// <summary>A thread an output; for tests and benchmarks.</summary>
    Reference,
}
