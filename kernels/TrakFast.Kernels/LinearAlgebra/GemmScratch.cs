using System.Runtime.InteropServices;

namespace TrakFast.Kernels;

/// <summary>
/// Packing memory of matrix products, one for each thread that multiplies. Thread-static because a product can be
/// smaller than the cost of asking a shared pool; it holds no values between products. Freed when its thread is gone.
/// </summary>
internal sealed unsafe class GemmScratch
{
    [ThreadStatic]
    private static GemmScratch? Mine;

    private void* _memory;
    private nuint _bytes;

    ~GemmScratch() => NativeMemory.AlignedFree(_memory);

    /// <summary>At least <paramref name="bytes"/> bytes, aligned to a page, not zeroed; valid until the thread asks again.</summary>
    public static void* Rent(nuint bytes)
    {
        GemmScratch scratch = Mine ??= new GemmScratch();
        if (scratch._bytes < bytes)
        {
            NativeMemory.AlignedFree(scratch._memory);
            scratch._memory = null;
            scratch._bytes = 0;
            scratch._memory = NativeMemory.AlignedAlloc(bytes, 4096);
            scratch._bytes = bytes;
        }

        return scratch._memory;
    }
}
