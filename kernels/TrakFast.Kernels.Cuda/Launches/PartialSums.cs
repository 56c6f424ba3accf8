using System.Collections.Immutable;

namespace TrakFast.Kernels;

/// <summary>
/// Adds up the sums of a block's parts. Kernels cut a block's coordinates into parts by its shape alone, sum each by itself, and
/// this adds the parts to the features in their order, so that no result depends on which group was faster or on the batch.
/// </summary>
internal static class PartialSums
{
    private static readonly DeviceKernel Add = new("AddParts", 256, [ArgumentKind.Floats, ArgumentKind.Floats, ArgumentKind.Int32]);

    /// <summary>The kernels launched here.</summary>
    public static ImmutableArray<DeviceKernel> Kernels => [Add];

    /// <summary>features += Σ_part parts[part].</summary>
    /// <param name="device">Where all lies.</param>
    /// <param name="parts">float32 [count, length].</param>
    /// <param name="features">float32 [length].</param>
    /// <param name="count">Number of parts.</param>
    public static void AddTo(IDevice device, MemoryView parts, MemoryView features, int count) =>
        device.Launch(Add, new Grid3((features.Length + Add.Threads - 1) / Add.Threads), parts, features, count);
}
