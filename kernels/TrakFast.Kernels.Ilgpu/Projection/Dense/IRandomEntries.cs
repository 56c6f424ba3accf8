using ILGPU;

namespace TrakFast.Kernels;

/// <summary>How entries of a random matrix are made on a device; <see cref="RandomEntries"/> says what they are.</summary>
internal interface IRandomEntries
{
    /// <summary>One entry.</summary>
    static abstract float Entry(long c, int j, ProjectionTarget target);

    /// <summary>
    /// Entries [32, 128] of elements <paramref name="first"/> and on and of a block of 128 columns, made by 256 threads into shared memory.
    /// <paramref name="words"/> keeps [4, 256] words from one call to the next; the calls of a group follow each other from element
    /// <paramref name="start"/> on.
    /// </summary>
    static abstract void Fill<TSource>(
        TSource source, ProjectionTarget target, long start, long first, int block, ArrayView<float> tile, ArrayView<uint> words)
        where TSource : struct, IGradientSource;
}
