using ILGPU;

namespace TrakFast.Kernels;

/// <summary>
/// Standard normal numbers by Box–Muller: a call of Philox gives four columns of an element, so every thread makes four calls a tile.
/// </summary>
internal struct NormalEntries : IRandomEntries
{
    /// <inheritdoc/>
    public static float Entry(long c, int j, ProjectionTarget target)
    {
        Float4 normals = Four(c, (uint)j >> 2, target);
        float even = (j & 2) == 0 ? normals.X : normals.Z, odd = (j & 2) == 0 ? normals.Y : normals.W;
        return (j & 1) == 0 ? even : odd;
    }

    /// <inheritdoc/>
    public static void Fill<TSource>(
        TSource source, ProjectionTarget target, long start, long first, int block, ArrayView<float> tile, ArrayView<uint> words)
        where TSource : struct, IGradientSource
    {
        int four = Group.IdxX & 31;
        for (int e = Group.IdxX >> 5; e < 32; e += 8)
            tile.Cast<Float4>()[(e * 32) + four] = Four(source.Coordinate(source.Place(first + e)), (uint)((block * 32) + four), target);
    }

    private static Float4 Four(long c, uint columnBlock, ProjectionTarget target)
    {
        PhiloxWords words = DevicePhilox.Words(c, columnBlock, target.Stream, target.Seed, target.ModelId);
        Pair first = DeviceBoxMuller.Normals(words.X, words.Y), second = DeviceBoxMuller.Normals(words.Z, words.W);
        Float4 normals;
        normals.X = first.X;
        normals.Y = first.Y;
        normals.Z = second.X;
        normals.W = second.Y;
        return normals;
    }
}
