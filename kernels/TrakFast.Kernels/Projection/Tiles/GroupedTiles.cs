namespace TrakFast.Kernels;

/// <summary>
/// Tiles of a <see cref="ConvolutionBlock"/> that are products of δ, packed once for each example, and something made of the input
/// for each group of channels. A strip is some channels with all their taps; values lie by row, tap and channel.
/// </summary>
internal abstract unsafe class GroupedTiles<TKernel>(ConvolutionBlock block) : ProductTiles<TKernel>(
    block, block.Geometry.UnfoldedRows, block.Geometry.OutputChannels, block.Geometry.UnfoldedRows,
    RowsOf((long)PatchRaster.Of(block.Geometry).Lanes * block.Geometry.KernelSize), (long)PatchRaster.Of(block.Geometry).Lanes * block.Geometry.KernelSize)
    where TKernel : struct, IGemmKernel<float>
{
    private readonly ConvolutionBlock _block = block;
    private readonly int _groupRows = block.Geometry.OutputChannels / block.Geometry.Groups;

    private protected ConvolutionGeometry Geometry { get; } = block.Geometry;

    /// <summary>The input turned over.</summary>
    private protected PatchRaster Raster { get; } = PatchRaster.Of(block.Geometry);

    /// <summary>Output positions P.</summary>
    private protected int Positions { get; } = block.Geometry.OutputSize;

    /// <summary>Taps of the kernel.</summary>
    private protected int Taps { get; } = block.Geometry.KernelSize;

    /// <summary>Floats of packed δ; what is made of the input follows, group after group.</summary>
    private protected long DeltaLength => ((long)Geometry.OutputChannels * Positions) + Slack;

    /// <summary>Floats made of the input for a group.</summary>
    private protected abstract long GroupLength { get; }

    /// <summary>Floats of some channels turned over.</summary>
    private protected long TurnedLength => (long)Raster.Size * Raster.Lanes;

    /// <inheritdoc/>
    public override CoordinateRuns Runs(in Tile tile) => base.Runs(tile) with { RunLength = tile.Columns / Taps, Taps = Taps };

    /// <inheritdoc/>
    public override void Fill(in Tile tile, long example, float* prepared, float* values)
    {
        for (long row = tile.Row; row < tile.Row + tile.Rows;)
        {
            long end = Segment(row, tile.Row + tile.Rows);
            float* group = prepared + DeltaLength + (row / _groupRows * GroupLength);
            MultiplyGroup(end - row, tile.Columns, prepared + (row * Positions), group, values + ((row - tile.Row) * tile.Columns));
            row = end;
        }
    }

    /// <summary>values [rows, columns] = packed rows of δ · what was made of their group's input.</summary>
    private protected abstract void MultiplyGroup(long rows, int columns, float* left, float* group, float* values);

    /// <summary>An example's input.</summary>
    private protected float* InputOf(long example) => _block.Input.Floats + (example * Geometry.InputChannels * Geometry.InputSize);

    /// <summary>Packs an example's δ, tile after tile and group after group.</summary>
    private protected void PackDelta(long example, float* prepared)
    {
        float* delta = _block.Delta.Floats + (example * Geometry.OutputChannels * Positions);
        for (long row = 0; row < Geometry.OutputChannels;)
        {
            long end = Segment(row, (row / TileRows * TileRows) + TileRows);
            PackRows(delta + (row * Positions), Positions, end - row, Positions, prepared + (row * Positions));
            row = end;
        }
    }

    /// <summary>The end of the rows from <paramref name="row"/> on that lie in one group and before <paramref name="limit"/>.</summary>
    private long Segment(long row, long limit) => Math.Min(Math.Min(limit, Geometry.OutputChannels), ((row / _groupRows) + 1) * _groupRows);
}
