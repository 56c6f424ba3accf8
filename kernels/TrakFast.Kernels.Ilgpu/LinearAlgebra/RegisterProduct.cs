using ILGPU;

namespace TrakFast.Kernels;

/// <summary>
/// The product in float32: slices of 8 depths of both factors lie in shared memory, twice, and every thread adds the outer
/// products of 8 rows and 8 columns to 64 registers.
/// <para>
/// A thread's 64 multiply-adds of a depth take four 16-byte loads from shared memory, where one output a thread would take two
/// loads for one multiply-add; a group's slice takes 8 KiB from global memory for 262,144 flops, 32 flops a byte, where one
/// output a thread has a quarter of a flop a byte before caches. A warp covers 32 × 64 of the tile: its left numbers are 4 × 16 bytes side
/// by side (the same for 8 lanes), its right ones 8 × 16 bytes, so no load meets a bank twice; lines are padded to 132 floats so that
/// placing transposed numbers does not either. One barrier a slice: a slice is placed while the other is read.
/// </para>
/// </summary>
internal readonly struct RegisterProduct : ITileProduct
{
    private const int Line = 132;
    private const int Slice = 8 * Line;

    /// <inheritdoc/>
    public static int Stride => Line;

    /// <inheritdoc/>
    public static TileSums Multiply<TLeft, TRight>(TLeft left, TRight right, ArrayView<float> shared, long first, long end)
        where TLeft : struct, ITileOperand
        where TRight : struct, ITileOperand
    {
        int thread = Group.IdxX;
        long row = Row(thread, 0) >> 2, column = Column(thread, 0) >> 2, buffer = 0;
        ArrayView<Float4> rows = shared.SubView(0, 2 * Slice).Cast<Float4>(), columns = shared.SubView(2 * Slice, 2 * Slice).Cast<Float4>();
        TileSums sums = default;
        left.Place(shared, 0, Line, left.Fetch(first));
        right.Place(shared, 2 * Slice, Line, right.Fetch(first));
        Group.Barrier();
        for (long depth = first; depth < end; depth += 8)
        {
            // What is fetched beyond the end nobody reads.
            FetchedNumbers nextLeft = left.Fetch(depth + 8), nextRight = right.Fetch(depth + 8);
            long i = (buffer >> 2) + row, j = (buffer >> 2) + column;
            sums.Add(rows[i + 0], rows[i + 4], columns[j + 0], columns[j + 8]);
            sums.Add(rows[i + 33], rows[i + 37], columns[j + 33], columns[j + 41]);
            sums.Add(rows[i + 66], rows[i + 70], columns[j + 66], columns[j + 74]);
            sums.Add(rows[i + 99], rows[i + 103], columns[j + 99], columns[j + 107]);
            sums.Add(rows[i + 132], rows[i + 136], columns[j + 132], columns[j + 140]);
            sums.Add(rows[i + 165], rows[i + 169], columns[j + 165], columns[j + 173]);
            sums.Add(rows[i + 198], rows[i + 202], columns[j + 198], columns[j + 206]);
            sums.Add(rows[i + 231], rows[i + 235], columns[j + 231], columns[j + 239]);
            buffer = Slice - buffer;
            left.Place(shared, buffer, Line, nextLeft);
            right.Place(shared, (2 * Slice) + buffer, Line, nextRight);
            Group.Barrier();
        }

        return sums;
    }

    /// <inheritdoc/>
    public static int Row(int thread, int index)
    {
        // Warps lie 4 × 2 in the tile and lanes 4 × 8 in a warp; a thread has two strips of four rows, 16 apart.
        int lane = ((thread >> 3) & 2) | (thread & 1);
        return ((thread >> 6) * 32) + (lane * 4) + ((index & 4) << 2) + (index & 3);
    }

    /// <inheritdoc/>
    public static int Column(int thread, int index)
    {
        int lane = (thread >> 1) & 7;
        return (((thread >> 5) & 1) * 64) + (lane * 4) + ((index & 4) << 3) + (index & 3);
    }
}
