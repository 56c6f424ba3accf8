namespace TrakFast.Kernels;

/// <summary>
/// Tiles of a <see cref="ConvolutionBlock"/> whose outputs see few channels, such as a network's first: patches are packed as the
/// micro-kernel reads them, tap after tap. A strip is the whole width; values lie by row, tap and channel.
/// </summary>
internal sealed unsafe class PatchTiles<TKernel>(ConvolutionBlock block) : ProductTiles<TKernel>(
    block, block.Geometry.UnfoldedRows, block.Geometry.OutputChannels, block.Geometry.UnfoldedRows,
    RowsOf(block.Geometry.UnfoldedRows), block.Geometry.UnfoldedRows)
    where TKernel : struct, IGemmKernel<float>
{
    private readonly ConvolutionBlock _block = block;
    private readonly ConvolutionGeometry _geometry = block.Geometry;
    private readonly PatchRaster _raster = PatchRaster.Of(block.Geometry);
    private readonly int _positions = block.Geometry.OutputSize;
    private readonly int _groupRows = block.Geometry.OutputChannels / block.Geometry.Groups;

    /// <inheritdoc/>
    public override long PreparedLength => DeltaLength + (_geometry.Groups * PanelLength) + TurnedLength;

    private long DeltaLength => ((long)_geometry.OutputChannels * _positions) + Slack;

    private long PanelLength => (long)((TileColumns + TKernel.Columns - 1) / TKernel.Columns * TKernel.Columns) * _positions;

    private long TurnedLength => (long)_raster.Size * _raster.Lanes;

    /// <inheritdoc/>
    public override CoordinateRuns Runs(in Tile tile) => base.Runs(tile) with { RunLength = _raster.Lanes, Taps = _geometry.KernelSize };

    /// <inheritdoc/>
    public override void Prepare(long strip, bool first, long example, float* prepared)
    {
        float* delta = _block.Delta.Floats + (example * _geometry.OutputChannels * _positions);
        float* input = _block.Input.Floats + (example * _geometry.InputChannels * _geometry.InputSize);
        float* panels = prepared + DeltaLength, turned = panels + (_geometry.Groups * PanelLength);
        for (long row = 0; row < _geometry.OutputChannels;)
        {
            long end = Segment(row, row / TileRows * TileRows + TileRows);
            PackRows(delta + (row * _positions), _positions, end - row, _positions, prepared + (row * _positions));
            row = end;
        }

        for (int group = 0; group < _geometry.Groups; group++, panels += PanelLength)
        {
            _raster.Turn(input, (long)group * _raster.Lanes, _raster.Lanes, 1, group == 0, turned);
            fixed (nint* places = _raster.OutputPlaces, shifts = _raster.TapShifts) PackPatches(turned, places, shifts, panels);
        }
    }

    /// <inheritdoc/>
    public override void Fill(in Tile tile, long example, float* prepared, float* values)
    {
        for (long row = tile.Row; row < tile.Row + tile.Rows;)
        {
            long end = Segment(row, tile.Row + tile.Rows);
            float* panels = prepared + DeltaLength + (row / _groupRows * PanelLength);
            Multiply(
                end - row, tile.Columns, _positions, prepared + (row * _positions), panels, values + ((row - tile.Row) * tile.Columns));
            row = end;
        }
    }

    private long Segment(long row, long limit) =>
        Math.Min(Math.Min(limit, _geometry.OutputChannels), ((row / _groupRows) + 1) * _groupRows);

    /// <summary>Panels [columns / Columns, positions, Columns]; columns lie by tap and channel, those behind the last are 0.</summary>
    private void PackPatches(float* turned, nint* places, nint* shifts, float* panels)
    {
        int channels = _raster.Lanes, columns = TileColumns, across = TKernel.Columns;
        for (int column = 0; column < columns; column += across, panels += (long)across * _positions)
        {
            for (int i = 0; i < across; i++)
            {
                (int tap, int channel) = Math.DivRem(column + i, channels);
                float* to = panels + i;
                if (column + i >= columns)
                {
                    for (int p = 0; p < _positions; p++, to += across) *to = 0;
                    continue;
                }

                float* from = turned + shifts[tap] + channel;
                for (int p = 0; p < _positions; p++, to += across) *to = from[places[p]];
            }
        }
    }
}
