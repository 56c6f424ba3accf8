namespace TrakFast.Kernels;

/// <summary>
/// Tiles of a <see cref="ConvolutionBlock"/> whose outputs see few channels, such as a network's first: patches are packed as the
/// micro-kernel reads them, tap after tap. There is one strip.
/// </summary>
internal sealed unsafe class PatchTiles<TKernel>(ConvolutionBlock block) : GroupedTiles<TKernel>(block)
    where TKernel : struct, IGemmKernel<float>
{
    /// <inheritdoc/>
    public override long PreparedLength => DeltaLength + (Geometry.Groups * GroupLength) + TurnedLength;

    /// <summary>Floats of a group's packed patches.</summary>
    private protected override long GroupLength => (long)((TileColumns + TKernel.Columns - 1) / TKernel.Columns * TKernel.Columns) * Positions;

    /// <inheritdoc/>
    public override void Prepare(long strip, bool first, long example, float* prepared)
    {
        PackDelta(example, prepared);
        float* input = InputOf(example), panels = prepared + DeltaLength, turned = panels + (Geometry.Groups * GroupLength);
        for (int group = 0; group < Geometry.Groups; group++, panels += GroupLength)
        {
            Raster.Turn(input, (long)group * Raster.Lanes, Raster.Lanes, 1, group == 0, turned);
            fixed (nint* places = Raster.OutputPlaces, shifts = Raster.TapShifts) PackPatches(turned, places, shifts, panels);
        }
    }

    /// <inheritdoc/>
    private protected override void MultiplyGroup(long rows, int columns, float* left, float* group, float* values) =>
        Multiply(rows, columns, Positions, left, group, values);

    /// <summary>Panels [columns / Columns, positions, Columns]; columns lie by tap and channel, those behind the last are 0.</summary>
    private void PackPatches(float* turned, nint* places, nint* shifts, float* panels)
    {
        int channels = Raster.Lanes, columns = TileColumns, across = TKernel.Columns;
        for (int column = 0; column < columns; column += across, panels += (long)across * Positions)
        {
            for (int i = 0; i < across; i++)
            {
                (int tap, int channel) = Math.DivRem(column + i, channels);
                float* to = panels + i;
                if (column + i >= columns)
                {
                    for (int p = 0; p < Positions; p++, to += across) *to = 0;
                    continue;
                }

                float* from = turned + shifts[tap] + channel;
                for (int p = 0; p < Positions; p++, to += across) *to = from[places[p]];
            }
        }
    }
}
