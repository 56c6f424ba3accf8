namespace TrakFast.Kernels;

/// <summary>Where convolutions work: the same memory as products, beside the part those take.</summary>
internal static unsafe class ConvolutionScratch
{
    private const int Floats = 16;

    /// <summary>What a call shares among its threads, on the calling thread; valid until its next convolution.</summary>
    public static void* ForCall(long bytes) => GemmScratch.Rent(checked((nuint)bytes), GemmScratch.Call);

    /// <summary>One thread's own; valid until its next convolution.</summary>
    public static void* ForThread(long bytes) => GemmScratch.Rent(checked((nuint)bytes), GemmScratch.Thread);

    /// <summary>
    /// Rounds a row's floats up to an odd number of cache lines, so that rows do not fall on the same few places of the cache.
    /// </summary>
    public static long OddLines(long floats) => (((floats + Floats - 1) / Floats) | 1) * Floats;
}
