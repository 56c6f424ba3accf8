using ILGPU;

namespace TrakFast.Kernels;

/// <summary>
/// Score tiles: tile[i, j] = scale[i]·(tile[i, j] + ⟨left_i, right_j⟩), where the tile counts as 0 unless it is accumulated and
/// the scale as 1 unless it is given. A group computes 128 × 128 scores: 2·128·128·k flops for 8·128·k bytes of features, and
/// 4 bytes written a score.
/// </summary>
internal static class ScoreTiles
{
    /// <summary>One output a thread: k multiply-adds in order, two loads each.</summary>
    [KernelEntry("ScoreTileReference", 256, Ships = false)]
    public static void Reference(
        ArrayView<float> left, ArrayView<float> right, ArrayView<float> scale, ArrayView<float> tile,
        long rows, long columns, long depth, int accumulate, int vectors)
    {
        long at = ((long)Grid.IdxX * 256) + Group.IdxX;
        if (at >= rows * columns) return;
        long i = at / columns, j = at - (i * columns);
        float sum = 0;
        for (long d = 0; d < depth; d++) sum = DeviceOperations.Fma(left[(i * depth) + d], right[(j * depth) + d], sum);
        if (accumulate != 0) sum = tile[at] + sum;
        tile[at] = scale.Length > 0 ? scale[i] * sum : sum;
    }

    /// <summary>Tiles of 128 × 128.</summary>
    /// <param name="left">float32 [rows, depth].</param>
    /// <param name="right">float32 [columns, depth].</param>
    /// <param name="scale">float32 [rows], or nothing.</param>
    /// <param name="tile">float32 [rows, columns], on 16 bytes.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="depth">Features of an example.</param>
    /// <param name="accumulate">Not 0 to add to the tile.</param>
    /// <param name="vectors">Not 0 where both features may be read by 16 bytes.</param>
    [KernelEntry("ScoreTile", 256, typeof(RegisterProduct), Groups = 2)]
    [KernelEntry("ScoreTileTensor", 256, typeof(TensorProduct), Groups = 2)]
    public static void Run<TProduct>(
        ArrayView<float> left, ArrayView<float> right, ArrayView<float> scale, ArrayView<float> tile,
        long rows, long columns, long depth, int accumulate, int vectors)
        where TProduct : struct, ITileProduct
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(32 * TProduct.Stride);
        long group = Grid.IdxX, across = (columns + 127) / 128, top = group / across * 128, start = group % across * 128;
        TileSums sums = TProduct.Multiply(
            LineOperand.Of(left, rows, depth, top, vectors), LineOperand.Of(right, columns, depth, start, vectors), shared, 0, depth);
        Write<TProduct>(sums.R0, 0, top, start, scale, tile, rows, columns, accumulate);
        Write<TProduct>(sums.R1, 1, top, start, scale, tile, rows, columns, accumulate);
        Write<TProduct>(sums.R2, 2, top, start, scale, tile, rows, columns, accumulate);
        Write<TProduct>(sums.R3, 3, top, start, scale, tile, rows, columns, accumulate);
        Write<TProduct>(sums.R4, 4, top, start, scale, tile, rows, columns, accumulate);
        Write<TProduct>(sums.R5, 5, top, start, scale, tile, rows, columns, accumulate);
        Write<TProduct>(sums.R6, 6, top, start, scale, tile, rows, columns, accumulate);
        Write<TProduct>(sums.R7, 7, top, start, scale, tile, rows, columns, accumulate);
    }

    private static void Write<TProduct>(
        SumRow sums, int index, long top, long start, ArrayView<float> scale, ArrayView<float> tile,
        long rows, long columns, int accumulate)
        where TProduct : struct, ITileProduct
    {
        int thread = Group.IdxX;
        long row = top + TProduct.Row(thread, index);
        if (row >= rows) return;
        float factor = scale.Length > 0 ? scale[row] : 1f;
        Pair(sums.C0, sums.C1, start + TProduct.Column(thread, 0), row, factor, tile, columns, accumulate);
        Pair(sums.C2, sums.C3, start + TProduct.Column(thread, 2), row, factor, tile, columns, accumulate);
        Pair(sums.C4, sums.C5, start + TProduct.Column(thread, 4), row, factor, tile, columns, accumulate);
        Pair(sums.C6, sums.C7, start + TProduct.Column(thread, 6), row, factor, tile, columns, accumulate);
    }

    private static void Pair(float a, float b, long column, long row, float factor, ArrayView<float> tile, long columns, int accumulate)
    {
        if (column >= columns) return;
        long at = (row * columns) + column;
        tile[at] = factor * (accumulate != 0 ? tile[at] + a : a);
        if (column + 1 < columns) tile[at + 1] = factor * (accumulate != 0 ? tile[at + 1] + b : b);
    }
}
