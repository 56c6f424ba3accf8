namespace TrakFast.Kernels;

/// <summary>
/// Tiles of a <see cref="ConvolutionBlock"/>: some rows of the weight gradient, δ [O/groups, P] · columnsᵀ [P, C/groups·taps]
/// for each group the rows fall into, the columns unfolded from the input into scratch.
/// </summary>
internal sealed unsafe class ConvolutionTiles(ConvolutionBlock block) : TileSource(
    block, block.Geometry.UnfoldedRows, block.Geometry.OutputChannels, block.Geometry.UnfoldedRows, TileRowsFor(block.Geometry), int.MaxValue)
{
    /// <summary>Large enough that unfolding once a tile costs little beside the product.</summary>
    private const int Elements = 32768;

    private const int ProductRows = 56;

    private readonly ConvolutionBlock _block = block;
    private readonly ConvolutionPlan _plan = ConvolutionPlan.Of(block.Geometry);

    /// <inheritdoc/>
    public override long ScratchLength => _plan.IsPointwise ? 0 : (long)_plan.UnfoldedRows * _plan.Positions;

    /// <inheritdoc/>
    public override void Fill(in Tile tile, long example, float* values, float* scratch)
    {
        int positions = _plan.Positions, width = _plan.UnfoldedRows;
        float* input = _block.Input.Floats + (example * _plan.InputChannels * _plan.InputSize);
        float* delta = _block.Delta.Floats + (example * _plan.OutputChannels * positions);
        long end = tile.Row + tile.Rows;
        for (long row = tile.Row; row < end;)
        {
            int group = (int)(row / _plan.GroupRows);
            long rows = Math.Min(end, (group + 1L) * _plan.GroupRows) - row;
            float* columns = scratch;
            if (_plan.IsPointwise) columns = input + ((long)group * _plan.GroupChannels * positions);
            else Unfold.Forward(_plan, group, input, columns, positions);
            Sgemm.Multiply(
                Workers.Single, false, true, rows, width, positions, delta + (row * positions), positions,
                columns, positions, values + ((row - tile.Row) * width), width, false);
            row += rows;
        }
    }

    private static long TileRowsFor(ConvolutionGeometry geometry) =>
        Math.Max(ProductRows, Elements / Math.Max(1, geometry.UnfoldedRows));
}
