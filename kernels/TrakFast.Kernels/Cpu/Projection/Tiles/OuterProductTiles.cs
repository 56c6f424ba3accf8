namespace TrakFast.Kernels;

/// <summary>Chooses the kernel of <see cref="OuterProductTiles{TKernel}"/>.</summary>
internal static class OuterProductTiles
{
    public static TileSource Of(OuterProductBlock block) =>
        Simd.Avx512 ? new OuterProductTiles<GemmKernel512<float>>(block)
        : Simd.Avx256 ? new OuterProductTiles<GemmKernel256<float>>(block)
        : Simd.Vectors ? new OuterProductTiles<GemmKernel128<float>>(block)
        : new OuterProductTiles<GemmKernelScalar<float>>(block);
}

/// <summary>
/// Tiles of an <see cref="OuterProductBlock"/> with several positions, Σ_t δ_t a_tᵀ: the strip's columns of a are packed once for
/// each example, the tile's rows of δ for each tile, which costs little because a strip is many columns wide.
/// </summary>
internal sealed unsafe class OuterProductTiles<TKernel>(OuterProductBlock block) : ProductTiles<TKernel>(
    block, block.RowStride, block.Rows, block.Columns, RowsOf(Math.Min(block.Columns, Width)), Width)
    where TKernel : struct, IGemmKernel<float>
{
    private const int Width = 128;

    private readonly OuterProductBlock _block = block;

    /// <inheritdoc/>
    public override long PreparedLength => ((long)(Padded(TileColumns) + TileRows) * _block.Positions) + Slack;

    /// <inheritdoc/>
    public override void Prepare(long strip, bool first, long example, float* prepared)
    {
        long from = strip * TileColumns;
        float* right = _block.Right.Floats + (example * _block.Positions * _block.Columns) + from;
        int width = (int)Math.Min(TileColumns, _block.Columns - from);
        for (int column = 0; column < width; column += TKernel.Columns)
        {
            Pack.Panel(
                false, right + column, _block.Columns, Math.Min(TKernel.Columns, width - column), TKernel.Columns, _block.Positions,
                prepared + ((long)column * _block.Positions));
        }
    }

    /// <inheritdoc/>
    public override void Fill(in Tile tile, long example, float* prepared, float* values)
    {
        int positions = _block.Positions, rows = _block.Rows;
        float* left = _block.Left.Floats + (example * positions * rows) + tile.Row,
            packed = prepared + ((long)Padded(TileColumns) * positions);
        for (int row = 0; row < tile.Rows; row += TKernel.Rows)
        {
            int count = Math.Min(TKernel.Rows, tile.Rows - row);
            Pack.Panel(false, left + row, rows, count, count, positions, packed + ((long)row * positions));
        }

        Multiply(tile.Rows, tile.Columns, positions, packed, prepared, values);
    }

    private static int Padded(int columns) => (columns + TKernel.Columns - 1) / TKernel.Columns * TKernel.Columns;
}
