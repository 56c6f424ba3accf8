namespace TrakFast.Kernels;

/// <summary>A kernel has at most 14 parameters, so two numbers may share one.</summary>
internal static class Packed
{
    /// <summary>Two 32-bit numbers in a 64-bit one.</summary>
    public static long Pair(int upper, int lower) => ((long)upper << 32) | (uint)lower;
}
