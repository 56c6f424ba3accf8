namespace TrakFast.Kernels;

/// <summary>No projection: the gradient is added to the features at its own coordinates. Parallel over examples.</summary>
internal sealed unsafe class IdentityProjector(Projection projection, Workers workers, ScratchPool pool)
    : Projector(projection, workers, pool)
{
    /// <inheritdoc/>
    public override void Project(TileSource source, float* features) => Workers.Run(source.Batch, 1, (start, end) =>
    {
        using ScratchPool.Lease tileLease = Pool.Rent(source.TileLength), scratchLease = Pool.Rent(source.ScratchLength);
        float* buffer = tileLease.Pointer, scratch = scratchLease.Pointer;
        for (long index = 0; index < source.Count; index++)
        {
            Tile tile = source.At(index);
            CoordinateRuns runs = source.Runs(tile);
            for (long example = start; example < end; example++)
            {
                source.Fill(tile, example, buffer, scratch);
                float* target = features + (example * Dimension) + runs.First;
                for (int i = 0, run = 0; i < tile.Length; i += runs.RunLength, run++)
                    VectorAdd.Add(buffer + i, target + (run * runs.RunStride), Math.Min(runs.RunLength, tile.Length - i));
            }
        }
    });

    /// <inheritdoc/>
    public override void Project(RowsBlock block, float* features)
    {
        long* ids = block.Ids.Longs;
        float* values = block.Values.Floats;
        Workers.Run(block.Batch, 1, (start, end) =>
        {
            for (long row = start * block.Positions; row < end * block.Positions; row++)
            {
                float* target = features + (row / block.Positions * Dimension) + block.Offset + (ids[row] * block.RowLength);
                VectorAdd.Add(values + (row * block.RowLength), target, block.RowLength);
            }
        });
    }
}
