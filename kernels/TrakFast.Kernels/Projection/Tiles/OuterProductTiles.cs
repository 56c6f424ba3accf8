namespace TrakFast.Kernels;

/// <summary>
/// Tiles of an <see cref="OuterProductBlock"/>: Σ_t δ_t a_tᵀ for some rows and columns, a scaled row each where there is
/// one position, a small matrix product where there are more.
/// </summary>
internal sealed unsafe class OuterProductTiles(OuterProductBlock block) : TileSource(
    block, block.RowStride, block.Rows, block.Columns, TileRowsFor(block), Width)
{
    private const int Width = 2048;
    private const int Elements = 4096;

    /// <summary>Rows below which packing the right factor for a product costs more than the product: two register panels.</summary>
    private const int ProductRows = 28;

    private readonly OuterProductBlock _block = block;

    /// <inheritdoc/>
    public override void Fill(in Tile tile, long example, float* values, float* scratch)
    {
        int positions = _block.Positions, rows = _block.Rows, columns = _block.Columns;
        float* left = _block.Left.Floats + (example * positions * rows) + tile.Row;
        float* right = _block.Right.Floats + (example * positions * columns) + tile.Column;
        if (positions == 1)
        {
            for (int r = 0; r < tile.Rows; r++) VectorAdd.Scale(left[r], right, values + ((long)r * tile.Columns), tile.Columns);
            return;
        }

        Sgemm.Multiply(Workers.Single, true, false, tile.Rows, tile.Columns, positions, left, rows, right, columns, values, tile.Columns, false);
    }

    private static long TileRowsFor(OuterProductBlock block)
    {
        int columns = Math.Max(1, Math.Min(block.Columns, Width));
        return Math.Max(Math.Max(1, Elements / columns), block.Positions == 1 ? 1 : ProductRows);
    }
}
