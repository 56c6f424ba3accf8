using ILGPU;

namespace TrakFast.Kernels;

/// <summary>
/// φ[i] += Σ_s parts[s, i], s ascending: a thread an element. Each element reads 4·(S + 1) bytes and writes 4, for S additions:
/// bound by memory, and coalesced throughout.
/// </summary>
internal static class AddParts
{
    /// <summary>features [length] += the parts [count, length] in their order.</summary>
    [KernelEntry("AddParts", 256)]
    public static void Run(ArrayView<float> parts, ArrayView<float> features, int count)
    {
        long i = ((long)Grid.IdxX * 256) + Group.IdxX;
        if (i >= features.Length) return;
        float sum = features[i];
        for (long at = i; count > 0; count--, at += features.Length) sum += parts[at];
        features[i] = sum;
    }
}
