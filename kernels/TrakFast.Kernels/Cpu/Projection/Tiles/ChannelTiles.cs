namespace TrakFast.Kernels;

/// <summary>
/// Tiles of a <see cref="ConvolutionBlock"/> whose outputs see many channels: δ times the input transposed
/// (<see cref="PatchRaster"/>), of which the micro-kernel reads each tap's rows where they lie, so that nothing is unfolded. A strip
/// is some channels with all their taps; values lie by row, tap and channel.
/// </summary>
internal sealed unsafe class ChannelTiles<TKernel> : ProductTiles<TKernel>
    where TKernel : struct, IGemmKernel<float>
{
    private readonly ConvolutionBlock _block;
    private readonly ConvolutionGeometry _geometry;
    private readonly PatchRaster _raster;
    private readonly int _positions;
    private readonly int _taps;
    private readonly int _groupRows;
    private readonly int _groupChannels;

    public ChannelTiles(ConvolutionBlock block)
        : base(
            block,
            block.Geometry.UnfoldedRows,
            block.Geometry.OutputChannels,
            block.Geometry.UnfoldedRows,
            RowsOf((long)PatchRaster.Of(block.Geometry).Lanes * block.Geometry.KernelSize),
            (long)PatchRaster.Of(block.Geometry).Lanes * block.Geometry.KernelSize)
    {
        _block = block;
        _geometry = block.Geometry;
        _raster = PatchRaster.Of(_geometry);
        _positions = _geometry.OutputSize;
        _taps = _geometry.KernelSize;
        _groupRows = _geometry.OutputChannels / _geometry.Groups;
        _groupChannels = _geometry.InputChannels / _geometry.Groups;
    }

    /// <inheritdoc/>
    public override long PreparedLength => DeltaLength + (_geometry.Groups * TurnedLength) + Slack;

    private long DeltaLength => ((long)_geometry.OutputChannels * _positions) + Slack;

    private long TurnedLength => (long)_raster.Size * _raster.Lanes;

    /// <inheritdoc/>
    public override CoordinateRuns Runs(in Tile tile) => base.Runs(tile) with { RunLength = tile.Columns / _taps, Taps = _taps };

    /// <inheritdoc/>
    public override void Prepare(long strip, bool first, long example, float* prepared)
    {
        float* delta = _block.Delta.Floats + (example * _geometry.OutputChannels * _positions);
        for (long row = 0; first && row < _geometry.OutputChannels;)
        {
            long end = Segment(row, row / TileRows * TileRows + TileRows);
            PackRows(delta + (row * _positions), _positions, end - row, _positions, prepared + (row * _positions));
            row = end;
        }

        float* input = _block.Input.Floats + (example * _geometry.InputChannels * _geometry.InputSize), turned = prepared + DeltaLength;
        int channel = (int)strip * _raster.Lanes, channels = Math.Min(_raster.Lanes, _groupChannels - channel);
        for (int group = 0; group < _geometry.Groups; group++)
            _raster.Turn(input, ((long)group * _groupChannels) + channel, channels, 1, first, turned + (group * TurnedLength));
        if (first) new Span<float>(turned + (_geometry.Groups * TurnedLength), Slack).Clear();
    }

    /// <inheritdoc/>
    public override void Fill(in Tile tile, long example, float* prepared, float* values)
    {
        for (long row = tile.Row; row < tile.Row + tile.Rows;)
        {
            long end = Segment(row, tile.Row + tile.Rows);
            float* turned = prepared + DeltaLength + (row / _groupRows * TurnedLength);
            fixed (nint* places = _raster.OutputPlaces, shifts = _raster.TapShifts)
                Multiply(
                    end - row, tile.Columns / _taps, prepared + (row * _positions), turned, places, shifts,
                    values + ((row - tile.Row) * tile.Columns));
            row = end;
        }
    }

    /// <summary>The end of the rows from <paramref name="row"/> on that lie in one group and before <paramref name="limit"/>.</summary>
    private long Segment(long row, long limit) =>
        Math.Min(Math.Min(limit, _geometry.OutputChannels), ((row / _groupRows) + 1) * _groupRows);

    private void Multiply(long rows, int channels, float* left, float* turned, nint* places, nint* shifts, float* values)
    {
        float* edge = stackalloc float[TKernel.Rows * TKernel.Columns];
        int step = _taps * channels;
        for (int p = 0; p < _positions; p += Depth)
        {
            int depth = Math.Min(Depth, _positions - p);
            for (int channel = 0; channel < channels; channel += TKernel.Columns)
            {
                for (long row = 0; row < rows; row += TKernel.Rows)
                {
                    // The taps' rows overlap, so they are in the first-level cache after the first.
                    int count = (int)Math.Min(TKernel.Rows, rows - row);
                    float* a = left + (row * _positions) + ((long)p * count), c = values + (row * step) + channel;
                    for (int tap = 0; tap < _taps; tap++, c += channels)
                    {
                        float* b = turned + shifts[tap] + channel;
                        if (channels - channel >= TKernel.Columns)
                        {
                            TKernel.RunAt(count, depth, a, count, b, places + p, c, step, p > 0);
                            continue;
                        }

                        TKernel.RunAt(count, depth, a, count, b, places + p, edge, TKernel.Columns, false);
                        Move(edge, count, c, step, channels - channel, p > 0);
                    }
                }
            }
        }
    }
}
