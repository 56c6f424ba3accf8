namespace TrakFast.Kernels;

/// <summary>
/// The loop around dense random matrices: for a group of examples, tile after tile, the tile is filled by all threads
/// together (parallel over examples) and then multiplied (parallel over blocks of 128 columns, each of which makes its
/// own random entries). Sums go to accumulators [group, columns], which are added to the features once a block is done.
/// </summary>
internal abstract unsafe class DenseProjector(Projection projection, Workers workers, ScratchPool pool)
    : Projector(projection, workers, pool)
{
    /// <summary>Columns of a block: what one Philox call covers with signs.</summary>
    protected const int BlockColumns = 128;

    /// <summary>Coordinates multiplied at once: their random entries stay in the first- or second-level cache.</summary>
    protected const int Chunk = 256;

    /// <summary>Examples that share random entries.</summary>
    private const int GroupSize = 64;

    /// <summary>Floats in a group's tile at most, unless that would leave fewer than four examples.</summary>
    private const long TileFloats = 4 << 20;

    /// <summary>Column blocks.</summary>
    protected int Blocks => (Dimension + BlockColumns - 1) / BlockColumns;

    /// <summary>Accumulators of one example.</summary>
    protected long RowLength => (long)Blocks * BlockColumns;

    /// <summary>Floats of scratch that <see cref="Accumulate"/> needs for a number of examples.</summary>
    protected abstract long ScratchLength(int examples);

    /// <summary>Adds a tile's examples [firstExample, endExample) times columns of blocks [firstBlock, endBlock) to the accumulators.</summary>
    protected abstract void Accumulate(
        in TileView tile, int firstExample, int endExample, int firstBlock, int endBlock, float* accumulators, float* scratch);

    /// <summary>Adds one example's accumulators to its features.</summary>
    protected abstract void Finish(float* accumulators, float* features);

    /// <inheritdoc/>
    public override void Project(TileSource source, float* features)
    {
        int size = (int)Math.Clamp(TileFloats / Math.Max(1, source.TileLength), 4, Math.Min(GroupSize, Math.Max(4, source.Batch)));
        using ScratchPool.Lease tileLease = Pool.Rent((long)size * source.TileLength), accumulatorLease = Pool.Rent(size * RowLength);
        for (int first = 0; first < source.Batch; first += size)
        {
            int count = Math.Min(size, source.Batch - first);
            float* accumulators = Cleared(accumulatorLease, count);
            for (long index = 0; index < source.Count; index++)
            {
                TileView view = Load(source, index, first, count, tileLease.Pointer);
                Multiply([view], count, true, accumulators);
            }

            for (int e = 0; e < count; e++) Finish(accumulators + (e * RowLength), features + ((long)(first + e) * Dimension));
        }
    }

    /// <inheritdoc/>
    public override void Project(RowsBlock block, float* features)
    {
        RowTiles tiles = new(block);
        int size = Math.Min(GroupSize, block.Batch);
        using ScratchPool.Lease accumulatorLease = Pool.Rent(size * RowLength), tileLease = Pool.Rent(RowTiles.BufferLength(block, size));
        for (int first = 0; first < block.Batch; first += size)
        {
            int count = Math.Min(size, block.Batch - first);
            float* accumulators = Cleared(accumulatorLease, count);
            tiles.Begin(first, count);
            while (tiles.Next(tileLease.Pointer) is { Length: > 0 } views) Multiply(views, count, false, accumulators);
            for (int e = 0; e < count; e++) Finish(accumulators + (e * RowLength), features + ((long)(first + e) * Dimension));
        }
    }

    private float* Cleared(in ScratchPool.Lease lease, int examples)
    {
        System.Runtime.InteropServices.NativeMemory.Clear(lease.Pointer, (nuint)(examples * RowLength * sizeof(float)));
        return lease.Pointer;
    }

    private TileView Load(TileSource source, long index, int first, int count, float* buffer)
    {
        Tile tile = source.At(index);
        float* values = source.InPlace(tile, out long step);
        if (values is not null) return new TileView(source.Runs(tile), tile.Length, (nint)(values + (first * step)), step, 0, count);

        Workers.Run(count, Math.Max(1, 8192 / tile.Length), (start, end) =>
        {
            using ScratchPool.Lease prepared = Pool.Rent(source.PreparedLength);
            for (long e = start; e < end; e++)
            {
                source.Prepare(index / source.TilesDown, true, first + e, prepared.Pointer);
                source.Fill(tile, first + e, prepared.Pointer, buffer + (e * tile.Length));
            }
        });
        return new TileView(source.Runs(tile), tile.Length, (nint)buffer, tile.Length, 0, count);
    }

    /// <summary>Multiplies tiles, parallel over column blocks, and over examples too where there are too few blocks.</summary>
    private void Multiply(TileView[] tiles, int examples, bool split, float* accumulators)
    {
        int parts = split && Blocks < Workers.Threads ? Math.Clamp(Workers.Threads / Blocks, 1, (examples + 3) / 4) : 1;
        Workers.Run((long)Blocks * parts, 1, (start, end) =>
        {
            using ScratchPool.Lease scratch = Pool.Rent(ScratchLength(examples));
            while (start < end)
            {
                // Parts run slowest, so that a thread's blocks of one part are done together.
                int part = (int)(start / Blocks), firstBlock = (int)(start % Blocks);
                int endBlock = (int)Math.Min(Blocks, firstBlock + end - start);
                foreach (TileView tile in tiles)
                {
                    // Cut at multiples of four, the examples a kernel takes together.
                    int firstExample = parts == 1 ? 0 : Cut(part, parts, tile.Count), endExample = parts == 1 ? tile.Count : Cut(part + 1, parts, tile.Count);
                    if (firstExample < endExample) Accumulate(tile, firstExample, endExample, firstBlock, endBlock, accumulators, scratch.Pointer);
                }

                start += endBlock - firstBlock;
            }
        });
    }

    private static int Cut(int part, int parts, int count) => Math.Min(count, (int)((long)part * ((count + 3) / 4) / parts) * 4);
}
