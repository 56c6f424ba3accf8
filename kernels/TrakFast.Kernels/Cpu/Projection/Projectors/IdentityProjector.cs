namespace TrakFast.Kernels;

/// <summary>No projection: the gradient is added to the features at its own coordinates. Parallel over examples.</summary>
internal sealed unsafe class IdentityProjector(Projection projection, Workers workers, ScratchPool pool)
    : Projector(projection, workers, pool)
{
    /// <inheritdoc/>
    public override void Project(TileSource source, float* features) => Workers.Run(source.Batch, 1, (start, end) =>
    {
        for (long example = start; example < end; example++) AddExample(source, example, features + (example * Dimension));
    });

    /// <inheritdoc/>
    public override void Project(RowsBlock block, float* features) => Workers.Run(block.Batch, 1, (start, end) =>
    {
        for (long example = start; example < end; example++) AddExample(block, example, features + (example * Dimension));
    });

    /// <summary>gradient [k] += an example's part of a block.</summary>
    public void AddExample(TileSource source, long example, float* gradient)
    {
        using ScratchPool.Lease tileLease = Pool.Rent(source.TileLength), preparedLease = Pool.Rent(source.PreparedLength);
        float* buffer = tileLease.Pointer, prepared = preparedLease.Pointer;
        for (long index = 0; index < source.Count; index++)
        {
            if (index % source.TilesDown == 0) source.Prepare(index / source.TilesDown, index == 0, example, prepared);
            Tile tile = source.At(index);
            source.Fill(tile, example, prepared, buffer);
            Add(source.Runs(tile), tile.Length, buffer, gradient);
        }
    }

    /// <summary>gradient [k] += an example's rows of a block.</summary>
    public static void AddExample(RowsBlock block, long example, float* gradient)
    {
        for (long row = example * block.Positions; row < (example + 1) * block.Positions; row++)
            VectorAdd.Add(
                block.Values.Floats + (row * block.RowLength),
                gradient + block.Offset + (block.Ids.Longs[row] * block.RowLength), block.RowLength);
    }

    private static void Add(in CoordinateRuns runs, int length, float* values, float* features)
    {
        for (int run = 0; length > 0; run++, length -= runs.RunLength, values += runs.RunLength)
        {
            float* target = features + runs.Start(run);
            int count = Math.Min(runs.RunLength, length);
            if (runs.Taps == 1)
            {
                VectorAdd.Add(values, target, count);
                continue;
            }

            for (int i = 0; i < count; i++) target[(long)i * runs.Taps] += values[i];
        }
    }
}
