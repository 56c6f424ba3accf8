namespace TrakFast.Kernels;

/// <summary>Tiles of an <see cref="OuterProductBlock"/> with one position: rows are the right factor, scaled.</summary>
internal sealed unsafe class ScaledRowTiles(OuterProductBlock block) : TileSource(
    block, block.RowStride, block.Rows, block.Columns, Math.Max(1, Elements / Math.Max(1, Math.Min(block.Columns, Width))), Width)
{
    private const int Width = 2048;
    private const int Elements = 4096;

    private readonly OuterProductBlock _block = block;

    /// <inheritdoc/>
    public override void Fill(in Tile tile, long example, float* prepared, float* values)
    {
        float* left = _block.Left.Floats + (example * _block.Rows) + tile.Row;
        float* right = _block.Right.Floats + (example * _block.Columns) + tile.Column;
        for (int r = 0; r < tile.Rows; r++) VectorAdd.Scale(left[r], right, values + ((long)r * tile.Columns), tile.Columns);
    }
}
