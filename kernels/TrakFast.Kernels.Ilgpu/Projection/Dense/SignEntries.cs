using ILGPU;

namespace TrakFast.Kernels;

/// <summary>
/// ±1: a call of Philox gives the signs of 128 columns, so every eighth tile a thread makes those of one of the next 256 elements.
/// </summary>
internal struct SignEntries : IRandomEntries
{
    /// <inheritdoc/>
    public static float Entry(long c, int j, ProjectionTarget target)
    {
        PhiloxWords words = DevicePhilox.Words(c, (uint)j >> 7, target.Stream, target.Seed, target.ModelId);
        uint low = (j & 32) == 0 ? words.X : words.Y, high = (j & 32) == 0 ? words.Z : words.W;
        return Sign((j & 64) == 0 ? low : high, j & 31);
    }

    /// <inheritdoc/>
    public static void Fill<TSource>(
        TSource source, ProjectionTarget target, long start, long first, int block, ArrayView<float> tile, ArrayView<uint> words)
        where TSource : struct, IGradientSource
    {
        int thread = Group.IdxX, element = (int)(first - start) & 255;
        if (element == 0)
        {
            PhiloxWords made = DevicePhilox.Words(
                source.Coordinate(source.Place(first + thread)), (uint)block, target.Stream, target.Seed, target.ModelId);
            words[thread] = made.X;
            words[thread + 256] = made.Y;
            words[thread + 512] = made.Z;
            words[thread + 768] = made.W;
            Group.Barrier();
        }

        int column = thread & 127;
        for (int e = thread >> 7; e < 32; e += 2) tile[(e * 128) + column] = Sign(words[((column >> 5) * 256) + element + e], column & 31);
    }

    private static float Sign(uint word, int bit) => Interop.IntAsFloat(0x3F800000u | ((word >> bit) << 31));
}
