namespace TrakFast.Kernels;

/// <summary>
/// Tiles of a <see cref="ConvolutionBlock"/> whose outputs see many channels: δ times the input turned over
/// (<see cref="PatchRaster"/>), of which the micro-kernel reads each tap's rows where they lie, so that nothing is unfolded.
/// </summary>
internal sealed unsafe class ChannelTiles<TKernel>(ConvolutionBlock block) : GroupedTiles<TKernel>(block)
    where TKernel : struct, IGemmKernel<float>
{
    private readonly int _groupChannels = block.Geometry.InputChannels / block.Geometry.Groups;

    /// <inheritdoc/>
    public override long PreparedLength => DeltaLength + (Geometry.Groups * TurnedLength) + Slack;

    /// <inheritdoc/>
    private protected override long GroupLength => TurnedLength;

    /// <inheritdoc/>
    public override void Prepare(long strip, bool first, long example, float* prepared)
    {
        if (first) PackDelta(example, prepared);
        float* input = InputOf(example), turned = prepared + DeltaLength;
        int channel = (int)strip * Raster.Lanes, channels = Math.Min(Raster.Lanes, _groupChannels - channel);
        for (int group = 0; group < Geometry.Groups; group++)
            Raster.Turn(input, ((long)group * _groupChannels) + channel, channels, 1, first, turned + (group * TurnedLength));
        if (first) new Span<float>(turned + (Geometry.Groups * TurnedLength), Slack).Clear();
    }

    /// <inheritdoc/>
    private protected override void MultiplyGroup(long rows, int columns, float* left, float* group, float* values)
    {
        fixed (nint* places = Raster.OutputPlaces, shifts = Raster.TapShifts) Multiply(rows, columns / Taps, left, group, places, shifts, values);
    }

    private void Multiply(long rows, int channels, float* left, float* turned, nint* places, nint* shifts, float* values)
    {
        float* edge = stackalloc float[TKernel.Rows * TKernel.Columns];
        int step = Taps * channels;
        for (int p = 0; p < Positions; p += Depth)
        {
            int depth = Math.Min(Depth, Positions - p);
            for (int channel = 0; channel < channels; channel += TKernel.Columns)
            {
                for (long row = 0; row < rows; row += TKernel.Rows)
                {
                    // The taps' rows overlap, so they are in the first-level cache after the first.
                    int count = (int)Math.Min(TKernel.Rows, rows - row);
                    float* a = left + (row * Positions) + ((long)p * count), c = values + (row * step) + channel;
                    for (int tap = 0; tap < Taps; tap++, c += channels)
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
