namespace TrakFast.Kernels;

/// <summary>
/// A gradient block as a sequence of tiles: rectangles of the parameter small enough that those of 16 examples stay in a
/// second-level cache. Tiles run down a strip of columns, then down the next one, so that what a strip's tiles share is prepared
/// once for each example. How the block is cut depends on its shape alone, never on the batch, so that sums over tiles are
/// batch-invariant.
/// </summary>
internal abstract unsafe class TileSource
{
    private readonly long _offset;
    private readonly long _rowStride;
    private readonly long _rows;
    private readonly long _columns;

    /// <summary>Cuts a parameter [rows, columns].</summary>
    /// <param name="block">The block; gives the batch and the offset.</param>
    /// <param name="rowStride">Coordinates between two rows.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="tileRows">Rows of a tile.</param>
    /// <param name="tileColumns">Columns of a strip.</param>
    private protected TileSource(GradientBlock block, long rowStride, long rows, long columns, long tileRows, long tileColumns)
    {
        Batch = block.Batch;
        _offset = block.Offset;
        _rowStride = rowStride;
        _rows = rows;
        _columns = columns;
        TileRows = (int)Math.Min(rows, tileRows);
        TileColumns = (int)Math.Min(columns, tileColumns);
        TilesDown = rows == 0 ? 0 : (rows + TileRows - 1) / TileRows;
        Count = columns == 0 ? 0 : (columns + TileColumns - 1) / TileColumns * TilesDown;
    }

    /// <summary>Examples B.</summary>
    public int Batch { get; }

    /// <summary>Number of tiles.</summary>
    public long Count { get; }

    /// <summary>Tiles of a strip.</summary>
    public long TilesDown { get; }

    /// <summary>Coordinates an example has in all tiles.</summary>
    public long Length => _rows * _columns;

    /// <summary>Coordinates of a tile at most.</summary>
    public int TileLength => TileRows * TileColumns;

    /// <summary>Floats that <see cref="Prepare"/> fills for an example.</summary>
    public virtual long PreparedLength => 0;

    private protected int TileRows { get; }

    private protected int TileColumns { get; }

    /// <summary>The kind of source that cuts this kind of block.</summary>
    public static TileSource Of(GradientBlock block) => block switch
    {
        DenseBlock dense => new DenseTiles(dense),
        OuterProductBlock { Positions: 1 } outer => new ScaledRowTiles(outer),
        OuterProductBlock outer => OuterProductTiles.Of(outer),
        ConvolutionBlock convolution => ConvolutionTiles.Of(convolution),
        _ => throw new NotSupportedException($"{block.GetType().Name} has no tiles."),
    };

    /// <summary>Where tile <paramref name="index"/> lies in the parameter.</summary>
    public Tile At(long index)
    {
        long row = index % TilesDown * TileRows, column = index / TilesDown * TileColumns;
        return new Tile(row, (int)Math.Min(TileRows, _rows - row), column, (int)Math.Min(TileColumns, _columns - column));
    }

    /// <summary>The flat coordinates of a tile's elements; rows that follow each other directly are one run.</summary>
    public virtual CoordinateRuns Runs(in Tile tile) => new(
        _offset + (tile.Row * _rowStride) + tile.Column, tile.Columns == _rowStride ? tile.Length : tile.Columns, _rowStride);

    /// <summary>Makes an example ready for the tiles of a strip.</summary>
    /// <param name="strip">The strip.</param>
    /// <param name="first">Whether nothing was prepared for the example before; otherwise another strip was, in the same memory.</param>
    /// <param name="example">The example.</param>
    /// <param name="prepared">Receives <see cref="PreparedLength"/> floats.</param>
    public virtual void Prepare(long strip, bool first, long example, float* prepared)
    {
        // Most sources read the block as it is.
    }

    /// <summary>Writes one example's gradient in a tile: values [tile.Rows, tile.Columns], in the order of <see cref="Runs"/>.</summary>
    /// <param name="tile">The tile.</param>
    /// <param name="example">The example.</param>
    /// <param name="prepared">What was prepared for the example and the tile's strip; may be used as scratch.</param>
    /// <param name="values">Receives the tile, packed.</param>
    public abstract void Fill(in Tile tile, long example, float* prepared, float* values);

    /// <summary>Where a tile's values already lie packed, [B, …] with a step between examples, or null.</summary>
    public virtual float* InPlace(in Tile tile, out long step)
    {
        step = 0;
        return null;
    }
}

/// <summary>A rectangle of a parameter.</summary>
internal readonly record struct Tile(long Row, int Rows, long Column, int Columns)
{
    /// <summary>Coordinates of the tile.</summary>
    public int Length => Rows * Columns;
}
