namespace TrakFast.Kernels;

/// <summary>Tiles of a <see cref="DenseBlock"/>: stretches of it, read where they lie.</summary>
internal sealed unsafe class DenseTiles(DenseBlock block) : TileSource(block, block.Length, 1, block.Length, 1, Width)
{
    private const int Width = 4096;

    private readonly float* _values = block.Values.Floats;
    private readonly long _length = block.Length;

    /// <inheritdoc/>
    public override void Fill(in Tile tile, long example, float* prepared, float* values) =>
        new ReadOnlySpan<float>(_values + (example * _length) + tile.Column, tile.Columns).CopyTo(new Span<float>(values, tile.Columns));

    /// <inheritdoc/>
    public override float* InPlace(in Tile tile, out long step)
    {
        step = _length;
        return _values + tile.Column;
    }
}
