namespace TrakFast.Benchmarks.Gpu;

/// <summary>What bounds a kernel.</summary>
internal enum Bound
{
    /// <summary>Bytes read and written, against those of a copy.</summary>
    Copy,

    /// <summary>float32 operations, against chains of FMAs.</summary>
    Float32,

    /// <summary>bfloat16 operations on tensor cores, against chains of them.</summary>
    Bf16,

    /// <summary>tf32 operations on tensor cores, against chains of them.</summary>
    Tf32,
}

/// <summary>A question to the device.</summary>
/// <param name="Kernel">Which kernel.</param>
/// <param name="Size">Its size, in the letters of the documentation.</param>
/// <param name="Bound">What bounds it.</param>
/// <param name="Work">Bytes or operations that it cannot do without.</param>
/// <param name="Run">Starts it, for a round.</param>
/// <param name="Reference">Starts the simple version.</param>
/// <param name="RivalName">What cuBLAS does instead.</param>
/// <param name="Rival">Starts that; null where cuBLAS is not found or has no such thing.</param>
internal sealed record GpuCase(
    string Kernel, string Size, Bound Bound, double Work, Action<int> Run, Action<int>? Reference = null,
    string RivalName = "", Action<int>? Rival = null);
