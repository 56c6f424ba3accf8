namespace TrakFast.Kernels;

/// <summary>Where score tiles go. A closed set, so that a device backend can fuse either kind into its kernel.</summary>
public abstract class ScoreSink
{
    private protected ScoreSink(int targets)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(targets);
        Targets = targets;
    }

    /// <summary>Number of targets m.</summary>
    public int Targets { get; }
}

/// <summary>Receives whole tiles, in ascending order of their rows.</summary>
public sealed class TileSink : ScoreSink
{
    private readonly TileAction _accept;

    /// <summary>Creates a sink that hands every tile on.</summary>
    /// <param name="targets">Number of targets m.</param>
    /// <param name="accept">Called for each tile; the span is valid during the call only.</param>
    public TileSink(int targets, TileAction accept)
        : base(targets) => _accept = accept;

    /// <summary>Takes a tile of scores.</summary>
    /// <param name="firstRow">Train index of the tile's first row.</param>
    /// <param name="tile">[rows, m], row-major.</param>
    public delegate void TileAction(long firstRow, ReadOnlySpan<float> tile);

    /// <summary>Hands a tile on.</summary>
    public void Accept(long firstRow, ReadOnlySpan<float> tile) => _accept(firstRow, tile);
}
