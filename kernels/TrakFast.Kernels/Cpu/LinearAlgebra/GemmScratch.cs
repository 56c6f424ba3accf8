using System.Runtime.InteropServices;

namespace TrakFast.Kernels;

/// <summary>
/// Packing memory of matrix products and convolutions, for each thread that multiplies. Thread-static because a product can
/// be smaller than the cost of asking a shared pool; it holds no values between products. Freed when its thread is gone.
/// </summary>
internal sealed unsafe class GemmScratch
{
    /// <summary>The place of a product's packed factors.</summary>
    public const int Product = 0;

    /// <summary>The place of what a convolution shares among its threads.</summary>
    public const int Call = 1;

    /// <summary>The place of a convolution's thread.</summary>
    public const int Thread = 2;

    /// <summary>The place of what a product shares among its threads.</summary>
    public const int Shared = 3;

    [ThreadStatic]
    private static GemmScratch? Mine;

    private readonly (nint Memory, nuint Bytes)[] _places = new (nint, nuint)[4];

    ~GemmScratch()
    {
        foreach ((nint memory, _) in _places) NativeMemory.AlignedFree((void*)memory);
    }

    /// <summary>
    /// At least <paramref name="bytes"/> bytes, aligned to a page, not zeroed; valid until the thread asks for the same
    /// <paramref name="place"/> again.
    /// </summary>
    public static void* Rent(nuint bytes, int place = Product)
    {
        GemmScratch scratch = Mine ??= new GemmScratch();
        ref (nint Memory, nuint Bytes) held = ref scratch._places[place];
        if (held.Bytes < bytes)
        {
            NativeMemory.AlignedFree((void*)held.Memory);
            held = default;
            held = ((nint)NativeMemory.AlignedAlloc(bytes, 4096), bytes);
        }

        return (void*)held.Memory;
    }
}
