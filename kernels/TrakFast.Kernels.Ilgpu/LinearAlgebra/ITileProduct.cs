using ILGPU;

namespace TrakFast.Kernels;

/// <summary>How a group of 256 threads multiplies a tile of 128 × 128.</summary>
internal interface ITileProduct
{
    /// <summary>Floats between two depths of a slice in shared memory.</summary>
    static abstract int Stride { get; }

    /// <summary>This thread's sums of left·rightᵀ over a range of depths. All threads of the group call it.</summary>
    /// <param name="left">Left factor.</param>
    /// <param name="right">Right factor.</param>
    /// <param name="shared">4 · 8 · stride floats of shared memory, free again on return.</param>
    /// <param name="first">First depth, a multiple of 8.</param>
    /// <param name="end">Depth behind the last; a multiple of 8, or where the factors end.</param>
    static abstract TileSums Multiply<TLeft, TRight>(TLeft left, TRight right, ArrayView<float> shared, long first, long end)
        where TLeft : struct, ITileOperand
        where TRight : struct, ITileOperand;

    /// <summary>The tile's row that holds row <paramref name="index"/> of a thread's sums.</summary>
    static abstract int Row(int thread, int index);

    /// <summary>The tile's column that holds an even column of a thread's sums; the odd one follows it.</summary>
    static abstract int Column(int thread, int index);
}
