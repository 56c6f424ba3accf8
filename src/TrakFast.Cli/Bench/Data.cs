using TrakFast.Kernels;

namespace TrakFast.Cli.Bench;

/// <summary>Random arrays in aligned native memory.</summary>
internal static unsafe class Data
{
    /// <summary>Numbers between −1 and 1.</summary>
    public static NativeBuffer<float> Random(long length, int seed = 1)
    {
        NativeBuffer<float> buffer = new(length);
        Random random = new(seed);
        for (long i = 0; i < length; i++) buffer.Pointer[i] = (2 * random.NextSingle()) - 1;
        return buffer;
    }

    /// <summary>A view of all of it.</summary>
    public static MemoryView View(this NativeBuffer<float> buffer) => MemoryView.Of(buffer.Pointer, buffer.Length);
}
