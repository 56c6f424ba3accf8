using ILGPU;

namespace TrakFast.Kernels;

/// <summary>Two float64 that are loaded and stored together.</summary>
internal struct Double2
{
    /// <summary>Numbers 0 and 1.</summary>
    public double X, Y;
}

/// <summary>
/// The upper triangle of XᵀX, X = diag(scale)·values, in tiles of 128 × 128: tile t = b·(b + 1)/2 + a holds rows from 128·a and
/// columns from 128·b, a ≤ b, row-major in float64. The rows come in chunks of 512, cut by their number alone; a chunk is summed
/// in float32 and then added to the tile's float64. Groups along y take a run of chunks each and have tiles of their own, so
/// that few columns keep a device busy too; <see cref="Total"/> adds them in order.
/// <para>
/// A chunk of a tile is 2·128·128·512 = 16.8 Mflop for 512 KiB of rows, and 256 KiB of tile read and written once: 22 flops a
/// byte. One output a thread would read two floats for each multiply-add.
/// </para>
/// </summary>
internal static class GramTiles
{
    private const int ChunkRows = 512;
    private const int TileLength = 128 * 128;

    /// <summary>One element of a tile a thread.</summary>
    [KernelEntry("GramReference", 256, Ships = false)]
    public static void Reference(
        ArrayView<float> values, ArrayView<float> scale, ArrayView<double> tiles, long rows, long columns, int parts, int vectors)
    {
        long at = ((long)Grid.IdxX * 256) + Group.IdxX, tile = at / TileLength, tileCount = tiles.Length / TileLength / parts;
        long right = Across(tile), i = ((tile - (right * (right + 1) / 2)) * 128) + (at % TileLength / 128), j = (right * 128) + (at % 128);
        if (i >= columns || j >= columns) return;
        long chunks = (rows + ChunkRows - 1) / ChunkRows, part = Grid.IdxY, to = (part * tileCount * TileLength) + at;
        for (long chunk = part * chunks / parts; chunk < (part + 1) * chunks / parts; chunk++)
        {
            float sum = 0;
            for (long row = chunk * ChunkRows; row < rows && row < (chunk + 1) * ChunkRows; row++)
            {
                float factor = 1f;
                if (scale.Length > 0) factor = scale[row];
                sum = DeviceOperations.Fma(factor * values[(row * columns) + i], factor * values[(row * columns) + j], sum);
            }

            tiles[to] += sum;
        }
    }

    /// <summary>A tile and a run of chunks a group.</summary>
    /// <param name="values">float32 [rows, columns].</param>
    /// <param name="scale">float32 [rows], or nothing for ones.</param>
    /// <param name="tiles">float64 [parts, tiles, 128, 128], added to.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns of X.</param>
    /// <param name="parts">Runs of chunks.</param>
    /// <param name="vectors">Not 0 where every fourth number of every row lies on 16 bytes.</param>
    [KernelEntry("Gram", 256, typeof(RegisterProduct), Groups = 2)]
    [KernelEntry("GramTensor", 256, typeof(TensorProduct), Groups = 2)]
    public static void Run<TProduct>(
        ArrayView<float> values, ArrayView<float> scale, ArrayView<double> tiles, long rows, long columns, int parts, int vectors)
        where TProduct : struct, ITileProduct
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(32 * TProduct.Stride);
        long tile = Grid.IdxX, tileCount = tiles.Length / TileLength / parts, right = Across(tile), down = tile - (right * (right + 1) / 2);
        ColumnOperand left = ColumnOperand.Of(values, scale, rows, columns, down * 128, vectors);
        ColumnOperand other = ColumnOperand.Of(values, scale, rows, columns, right * 128, vectors);
        long chunks = (rows + ChunkRows - 1) / ChunkRows, part = Grid.IdxY, end = (part + 1) * chunks / parts;
        ArrayView<Double2> sums = tiles.Cast<Double2>();
        long to = ((part * tileCount) + tile) * (TileLength / 2);
        for (long chunk = part * chunks / parts; chunk < end; chunk++)
        {
            long first = chunk * ChunkRows, last = first + ChunkRows < rows ? first + ChunkRows : rows;
            TileSums chunkSums = TProduct.Multiply(left, other, shared, first, last);
            Carry<TProduct>(sums, to, 0, chunkSums.R0);
            Carry<TProduct>(sums, to, 1, chunkSums.R1);
            Carry<TProduct>(sums, to, 2, chunkSums.R2);
            Carry<TProduct>(sums, to, 3, chunkSums.R3);
            Carry<TProduct>(sums, to, 4, chunkSums.R4);
            Carry<TProduct>(sums, to, 5, chunkSums.R5);
            Carry<TProduct>(sums, to, 6, chunkSums.R6);
            Carry<TProduct>(sums, to, 7, chunkSums.R7);
        }
    }

    /// <summary>total [length] = Σ_part parts[part], in order: a thread an element, 8·(P + 1) bytes each.</summary>
    [KernelEntry("GramTotal", 256)]
    public static void Total(ArrayView<double> parts, ArrayView<double> total, int count)
    {
        long i = ((long)Grid.IdxX * 256) + Group.IdxX;
        if (i >= total.Length) return;
        double sum = 0;
        for (long at = i; count > 0; count--, at += total.Length) sum += parts[at];
        total[i] = sum;
    }

    private static long Across(long tile)
    {
        long across = 0;
        while ((across + 1) * (across + 2) / 2 <= tile) across++;
        return across;
    }

    private static void Carry<TProduct>(ArrayView<Double2> tiles, long tile, int index, SumRow sums)
        where TProduct : struct, ITileProduct
    {
        int thread = Group.IdxX;
        long row = tile + (TProduct.Row(thread, index) * 64);
        Carry(tiles, row + (TProduct.Column(thread, 0) >> 1), sums.C0, sums.C1);
        Carry(tiles, row + (TProduct.Column(thread, 2) >> 1), sums.C2, sums.C3);
        Carry(tiles, row + (TProduct.Column(thread, 4) >> 1), sums.C4, sums.C5);
        Carry(tiles, row + (TProduct.Column(thread, 6) >> 1), sums.C6, sums.C7);
    }

    private static void Carry(ArrayView<Double2> tiles, long at, float x, float y)
    {
        Double2 sum = tiles[at];
        sum.X += x;
        sum.Y += y;
        tiles[at] = sum;
    }
}
