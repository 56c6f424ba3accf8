namespace TrakFast.Kernels;

/// <summary>
/// A gradient block as a sequence of tiles: rectangles of the parameter small enough for a cache, in ascending order.
/// How the block is cut depends on its shape alone, never on the batch, so that sums over tiles are batch-invariant.
/// </summary>
internal abstract unsafe class TileSource
{
    private readonly long _offset;
    private readonly long _rowStride;
    private readonly long _rows;
    private readonly long _columns;
    private readonly long _columnCuts;

    /// <summary>Cuts a parameter [rows, columns].</summary>
    /// <param name="block">The block; gives the batch and the offset.</param>
    /// <param name="rowStride">Coordinates between two rows.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="tileRows">Rows of a tile.</param>
    /// <param name="tileColumns">Columns of a tile.</param>
    private protected TileSource(GradientBlock block, long rowStride, long rows, long columns, long tileRows, long tileColumns)
    {
        Batch = block.Batch;
        _offset = block.Offset;
        _rowStride = rowStride;
        _rows = rows;
        _columns = columns;
        TileRows = (int)Math.Min(rows, tileRows);
        TileColumns = (int)Math.Min(columns, tileColumns);
        _columnCuts = columns == 0 ? 0 : (columns + TileColumns - 1) / TileColumns;
        Count = rows == 0 ? 0 : (rows + TileRows - 1) / TileRows * _columnCuts;
    }

    /// <summary>Examples B.</summary>
    public int Batch { get; }

    /// <summary>Number of tiles.</summary>
    public long Count { get; }

    /// <summary>Coordinates an example has in all tiles.</summary>
    public long Length => _rows * _columns;

    /// <summary>Coordinates of a tile at most.</summary>
    public int TileLength => TileRows * TileColumns;

    /// <summary>Floats of scratch that <see cref="Fill"/> needs.</summary>
    public virtual long ScratchLength => 0;

    private protected int TileRows { get; }

    private protected int TileColumns { get; }

    /// <summary>The kind of source that cuts this kind of block.</summary>
    public static TileSource Of(GradientBlock block) => block switch
    {
        DenseBlock dense => new DenseTiles(dense),
        OuterProductBlock outer => new OuterProductTiles(outer),
        ConvolutionBlock convolution => new ConvolutionTiles(convolution),
        _ => throw new NotSupportedException($"{block.GetType().Name} has no tiles."),
    };

    /// <summary>Where tile <paramref name="index"/> lies in the parameter.</summary>
    public Tile At(long index)
    {
        long row = index / _columnCuts * TileRows, column = index % _columnCuts * TileColumns;
        return new Tile(row, (int)Math.Min(TileRows, _rows - row), column, (int)Math.Min(TileColumns, _columns - column));
    }

    /// <summary>The flat coordinates of a tile's elements; rows that follow each other directly are one run.</summary>
    public CoordinateRuns Runs(in Tile tile) => new(
        _offset + (tile.Row * _rowStride) + tile.Column, tile.Columns == _rowStride ? tile.Length : tile.Columns, _rowStride);

    /// <summary>Writes one example's gradient in a tile: values [tile.Rows, tile.Columns], packed.</summary>
    public abstract void Fill(in Tile tile, long example, float* values, float* scratch);

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
