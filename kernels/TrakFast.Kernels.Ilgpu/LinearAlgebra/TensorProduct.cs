using ILGPU;

namespace TrakFast.Kernels;

/// <summary>
/// The product on tensor cores: every number is split into two tf32 numbers, and three products of 16 × 8 × 8 give float32's
/// accuracy, not its bits. A warp has 64 × 32 of the tile, four by four such products a slice: 48 instructions of 2,048 flops
/// where <see cref="RegisterProduct"/> takes 512 of 64. What remains for the ordinary units is splitting, 32 numbers a slice and
/// lane, because the right ones are split once for each half of the rows, and 64 additions that round as float32 does.
/// <para>
/// A lane reads the slice's number (q, g) or (q + 4, g) at (4g + q)'s own bank: lines are padded to 136 floats, 8 banks apart.
/// </para>
/// </summary>
internal readonly struct TensorProduct : ITileProduct
{
    private const int Line = 136;
    private const int Slice = 8 * Line;

    /// <inheritdoc/>
    public static int Stride => Line;

    /// <inheritdoc/>
    public static TileSums Multiply<TLeft, TRight>(TLeft left, TRight right, ArrayView<float> shared, long first, long end)
        where TLeft : struct, ITileOperand
        where TRight : struct, ITileOperand
    {
        int thread = Group.IdxX, deep = thread & 3, side = (thread & 31) >> 2;
        long row = (deep * Line) + ((thread >> 7) * 64) + side,
            column = (2 * Slice) + (deep * Line) + (((thread >> 5) & 3) * 32) + side,
            buffer = 0;
        TileSums sums = default;
        left.Place(shared, 0, Line, left.Fetch(first));
        right.Place(shared, 2 * Slice, Line, right.Fetch(first));
        Group.Barrier();
        for (long depth = first; depth < end; depth += 8)
        {
            // What is fetched beyond the end nobody reads.
            FetchedNumbers nextLeft = left.Fetch(depth + 8), nextRight = right.Fetch(depth + 8);
            long i = buffer + row, j = buffer + column;
            Half(ref sums.R0, ref sums.R1, ref sums.R2, ref sums.R3, shared, i, j);
            Half(ref sums.R4, ref sums.R5, ref sums.R6, ref sums.R7, shared, i + 32, j);
            buffer = Slice - buffer;
            left.Place(shared, buffer, Line, nextLeft);
            right.Place(shared, (2 * Slice) + buffer, Line, nextRight);
            Group.Barrier();
        }

        return sums;
    }

    /// <inheritdoc/>
    public static int Row(int thread, int index) => ((thread >> 7) * 64) + ((thread & 31) >> 2) + (8 * index);

    /// <inheritdoc/>
    public static int Column(int thread, int index) => (((thread >> 5) & 3) * 32) + (2 * (thread & 3)) + ((index >> 1) * 8) + (index & 1);

    private static SplitLeft Left(ArrayView<float> shared, long at) =>
        SplitLeft.Of(shared[at], shared[at + 8], shared[at + (4 * Line)], shared[at + (4 * Line) + 8]);

    private static SplitRight Right(ArrayView<float> shared, long at) => SplitRight.Of(shared[at], shared[at + (4 * Line)]);

    private static void Half(ref SumRow row0, ref SumRow row1, ref SumRow row2, ref SumRow row3, ArrayView<float> shared, long i, long j)
    {
        SplitLeft top = Left(shared, i), bottom = Left(shared, i + 16);
        SplitRight right = Right(shared, j);
        Add(SplitProduct.Multiply(top, right), ref row0.C0, ref row0.C1, ref row1.C0, ref row1.C1);
        Add(SplitProduct.Multiply(bottom, right), ref row2.C0, ref row2.C1, ref row3.C0, ref row3.C1);

        // Barriers keep the assembler from loading and splitting ahead what it has no registers for.
        Warp.Barrier();
        right = Right(shared, j + 8);
        Add(SplitProduct.Multiply(top, right), ref row0.C2, ref row0.C3, ref row1.C2, ref row1.C3);
        Add(SplitProduct.Multiply(bottom, right), ref row2.C2, ref row2.C3, ref row3.C2, ref row3.C3);
        Warp.Barrier();
        right = Right(shared, j + 16);
        Add(SplitProduct.Multiply(top, right), ref row0.C4, ref row0.C5, ref row1.C4, ref row1.C5);
        Add(SplitProduct.Multiply(bottom, right), ref row2.C4, ref row2.C5, ref row3.C4, ref row3.C5);
        right = Right(shared, j + 24);
        Add(SplitProduct.Multiply(top, right), ref row0.C6, ref row0.C7, ref row1.C6, ref row1.C7);
        Add(SplitProduct.Multiply(bottom, right), ref row2.C6, ref row2.C7, ref row3.C6, ref row3.C7);
    }

    private static void Add(Float4 product, ref float x, ref float y, ref float z, ref float w)
    {
        x += product.X;
        y += product.Y;
        z += product.Z;
        w += product.W;
    }
}
