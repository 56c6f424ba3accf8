using System.Collections.Immutable;

namespace TrakFast.Kernels;

/// <summary>Measures what a device's multipliers can do at most; for benchmarks.</summary>
internal static class PeakLaunches
{
    private const int GroupsPerMultiprocessor = 16, Steps = 2048;

    private static readonly DeviceKernel FmaChains = new(
        "PeakFma", 256, [ArgumentKind.Floats, ArgumentKind.Float32, ArgumentKind.Int32]) { Ships = false };
    private static readonly DeviceKernel Bf16Chains = new(
        "PeakBf16", 256, [ArgumentKind.Floats, ArgumentKind.Int32, ArgumentKind.Int32]) { Ships = false };
    private static readonly DeviceKernel Tf32Chains = new(
        "PeakTf32", 256, [ArgumentKind.Floats, ArgumentKind.Float32, ArgumentKind.Int32]) { Ships = false };

    /// <summary>The kernels launched here.</summary>
    public static ImmutableArray<DeviceKernel> Kernels => [FmaChains, Bf16Chains, Tf32Chains];

    /// <summary>Floats that either writes.</summary>
    public static long Length(IDevice device) => (long)device.Multiprocessors * GroupsPerMultiprocessor * FmaChains.Threads;

    /// <summary>Chains of float32 FMAs.</summary>
    /// <param name="device">The device.</param>
    /// <param name="sums">float32 [<see cref="Length"/>], overwritten.</param>
    /// <param name="steps">Steps of each chain.</param>
    /// <returns>Multiplications and additions.</returns>
    public static double Fma(IDevice device, MemoryView sums, int steps = Steps)
    {
        device.Launch(FmaChains, Grid(sums), sums, 0.5f, steps);
        return 2.0 * 8 * steps * sums.Length;
    }

    /// <summary>Products of bfloat16 on tensor cores with float32 sums; the parameters are those of <see cref="Fma"/>.</summary>
    /// <returns>Multiplications and additions.</returns>
    public static double Bf16(IDevice device, MemoryView sums, int steps = Steps)
    {
        device.Launch(Bf16Chains, Grid(sums), sums, 0x3F803F80, steps);
        return 2.0 * 8 * 3 * 16 * 16 * 8 * steps * (sums.Length / 32);
    }

    /// <summary>Products of tf32 on tensor cores with float32 sums; the parameters are those of <see cref="Fma"/>.</summary>
    /// <returns>Multiplications and additions.</returns>
    public static double Tf32(IDevice device, MemoryView sums, int steps = Steps)
    {
        device.Launch(Tf32Chains, Grid(sums), sums, 0.5f, steps);
        return 2.0 * 8 * 3 * 16 * 8 * 8 * steps * (sums.Length / 32);
    }

    private static Grid3 Grid(MemoryView sums) => new(sums.Length / FmaChains.Threads);
}
