using System.Runtime.InteropServices;

namespace TrakFast.Kernels;

/// <summary>
/// The loop around dense random matrices. Tiles of a group of examples make up stages of some ten thousand coordinates,
/// cut by the block's shape alone; every example's part of a stage is filled once, and then multiplied in parts of columns
/// (and of examples, where columns are few), each of which makes its random entries once for all of its examples. Sums go to
/// accumulators, which are added to the features after a number of stages. See <see cref="StagedTasks"/> for the order.
/// </summary>
internal abstract unsafe class DenseProjector(Projection projection, Workers workers, ScratchPool pool)
    : Projector(projection, workers, pool)
{
    /// <summary>Columns of a block: what one Philox call covers with signs.</summary>
    protected const int BlockColumns = 128;

    /// <summary>Coordinates of a stage, unless a single tile has more.</summary>
    private const int StageLength = 32 << 10;

    /// <summary>Coordinates after which accumulators are added to the features, for accuracy; a multiple of a stage.</summary>
    private const int WindowLength = 128 << 10;

    /// <summary>Floats in the two buffers of a group, unless that would leave fewer than eight examples.</summary>
    private const long BufferFloats = 8 << 20;

    /// <summary>Entries of the matrix times examples below which a second thread costs more than it brings.</summary>
    private const double SingleThread = 1 << 22;

    /// <summary>Column blocks.</summary>
    protected int Blocks => (Dimension + BlockColumns - 1) / BlockColumns;

    /// <summary>Accumulators of one example.</summary>
    protected long RowLength => (long)Blocks * BlockColumns;

    /// <summary>Examples whose accumulators interleave: they are kept as [examples / this, columns, this].</summary>
    protected virtual int Interleave => 1;

    /// <summary>Examples that share random entries at most.</summary>
    protected virtual int GroupSize => 128;

    /// <summary>Blocks of one part at most.</summary>
    protected virtual int PartBlocks => int.MaxValue;

    /// <summary>Blocks below which a part is not cut further where it can be cut by examples instead.</summary>
    protected virtual int FewBlocks => 1;

    /// <summary>Examples that a kernel takes together; parts are cut at multiples of it.</summary>
    protected virtual int ExampleCut => 4;

    /// <summary>Floats of scratch that <see cref="Accumulate"/> needs for a number of examples and of blocks.</summary>
    protected abstract long ScratchLength(int examples, int blocks);

    /// <summary>
    /// Adds a tile's examples [firstExample, endExample) times columns of blocks [firstBlock, endBlock) to the accumulators.
    /// </summary>
    protected abstract void Accumulate(
        in TileView tile, int firstExample, int endExample, int firstBlock, int endBlock, float* accumulators, float* scratch);

    /// <summary>Where the sums of a column of a block of 128 lie in its accumulators.</summary>
    protected abstract int Place(int column);

    /// <inheritdoc/>
    public override void Project(TileSource source, float* features)
    {
        if (source.Count == 0) return;
        int tiles = StageTiles(source);
        long stages = (source.Count + tiles - 1) / tiles;
        long length = Math.Min(source.Count, tiles) * source.TileLength;
        int window = (int)Math.Max(1, WindowLength / length);
        bool inPlace = source.InPlace(source.At(0), out _) is not null;
        int size = inPlace ? GroupSize : (int)Math.Clamp(BufferFloats / (StagedTasks.Places * length) / 8 * 8, 8, GroupSize);
        size = Math.Min(size, source.Batch);
        using ScratchPool.Lease buffer = Pool.Rent(inPlace ? 1 : StagedTasks.Places * size * length), accumulators = Rent(size);
        for (int first = 0; first < source.Batch; first += size)
        {
            Group group = new(this, first, Math.Min(size, source.Batch - first), (double)source.Length, accumulators.Pointer, features);
            float* values = buffer.Pointer;
            using ScratchPool.Lease counters = Pool.Rent(StagedTasks.CounterBytes(group.Parts) / sizeof(float));
            StagedTasks.Run(
                group.Workers, stages, inPlace ? 0 : group.Count, group.Parts, counters.Pointer,
                (stage, example) =>
                {
                    using ScratchPool.Lease prepared = Pool.Rent(source.PreparedLength);
                    float* target = values + (((stage % StagedTasks.Places * group.Count) + example) * length);
                    long end = Math.Min(source.Count, (stage + 1) * tiles);
                    for (long index = stage * tiles; index < end; index++)
                    {
                        Tile tile = source.At(index);
                        bool begin = index == stage * tiles;
                        if (begin || index % source.TilesDown == 0)
                            source.Prepare(index / source.TilesDown, begin, group.First + example, prepared.Pointer);
                        source.Fill(tile, group.First + example, prepared.Pointer, target);
                        target += tile.Length;
                    }
                },
                (stage, part) =>
                {
                    if (stage % window == 0) group.Clear(part);
                    float* target = values + (stage % StagedTasks.Places * group.Count * length);
                    long end = Math.Min(source.Count, (stage + 1) * tiles);
                    using ScratchPool.Lease scratch = Pool.Rent(group.ScratchLength);
                    for (long index = stage * tiles; index < end; index++)
                    {
                        Tile tile = source.At(index);
                        float* there = source.InPlace(tile, out long step);
                        TileView view = there is null
                            ? new TileView(source.Runs(tile), tile.Length, (nint)target, length, 0, group.Count)
                            : new TileView(source.Runs(tile), tile.Length, (nint)(there + (group.First * step)), step, 0, group.Count);
                        group.Accumulate(view, part, scratch.Pointer);
                        target += tile.Length;
                    }

                    if (stage % window == window - 1 || stage == stages - 1) group.Finish(part);
                });
        }
    }

    /// <inheritdoc/>
    public override void Project(RowsBlock block, float* features)
    {
        int size = Math.Min(GroupSize, block.Batch);
        using ScratchPool.Lease accumulators = Rent(size), order = Pool.Rent(RowTiles.OrderLength(block, size));
        using ScratchPool.Lease buffer = Pool.Rent(StagedTasks.Places * RowTiles.BufferLength(block, size));
        long length = RowTiles.BufferLength(block, size);
        for (int first = 0; first < block.Batch; first += size)
        {
            // What an example adds up must not depend on which rows the others have, and stages do: they are summed together.
            Group group = new(
                this, first, Math.Min(size, block.Batch - first), (double)block.Positions * block.RowLength,
                accumulators.Pointer, features, wholeExamples: true);
            RowTiles tiles = new(block, first, group.Count, order.Pointer);
            float* values = buffer.Pointer;
            for (int part = 0; part < group.Parts; part++) group.Clear(part);
            using ScratchPool.Lease counters = Pool.Rent(StagedTasks.CounterBytes(group.Parts) / sizeof(float));
            StagedTasks.Run(
                group.Workers, tiles.Stages, 1, group.Parts, counters.Pointer,
                (stage, _) => tiles.Fill(stage, values + (stage % StagedTasks.Places * length)),
                (stage, part) =>
                {
                    using ScratchPool.Lease scratch = Pool.Rent(group.ScratchLength);
                    float* at = values + (stage % StagedTasks.Places * length);
                    for (int i = 0; i < RowTiles.Count(at); i++) group.Accumulate(tiles.View(at, i), part, scratch.Pointer);
                    if (stage == tiles.Stages - 1) group.Finish(part);
                });
        }
    }

    /// <summary>Tiles of a stage: whole strips where they are short, an even part of a strip otherwise.</summary>
    private static int StageTiles(TileSource source)
    {
        long strip = source.TilesDown * source.TileLength;
        return (int)(strip <= StageLength
            ? source.TilesDown * Math.Min(StageLength / strip, source.Count / source.TilesDown)
            : (source.TilesDown + (strip / StageLength) - 1) / (strip / StageLength));
    }

    private ScratchPool.Lease Rent(int examples) => Pool.Rent((examples + Interleave - 1) / Interleave * Interleave * RowLength);

    /// <summary>Examples that share random entries, and how their work is cut into parts: columns run fastest.</summary>
    private sealed class Group
    {
        private readonly DenseProjector _owner;
        private readonly int _columnParts;
        private readonly int _exampleParts;
        private readonly float* _accumulators;
        private readonly float* _features;

        public Group(
            DenseProjector owner, int first, int count, double length, float* accumulators, float* features, bool wholeExamples = false)
        {
            (_owner, First, Count) = (owner, first, count);
            _accumulators = accumulators;
            _features = features + ((long)first * owner.Dimension);
            Workers = length * owner.Dimension * count < SingleThread ? Workers.Single : owner.Workers;
            int blocks = owner.Blocks, cuts = wholeExamples ? 1 : (count + owner.ExampleCut - 1) / owner.ExampleCut;
            int few = cuts == 1 ? 1 : owner.FewBlocks, threads = Workers.Threads;
            _columnParts = Math.Max((int)Math.Ceiling((double)blocks / owner.PartBlocks), Math.Min(threads, Math.Max(1, blocks / few)));
            _exampleParts = Math.Clamp((threads + _columnParts - 1) / _columnParts, 1, cuts);
        }

        public int First { get; }

        public int Count { get; }

        public Workers Workers { get; }

        public int Parts => _columnParts * _exampleParts;

        public long ScratchLength => _owner.ScratchLength(Count, (_owner.Blocks + _columnParts - 1) / _columnParts);

        public void Clear(long part)
        {
            (int firstExample, int endExample, int firstBlock, int endBlock) = Range(part);
            int step = _owner.Interleave;
            for (int e = firstExample; e < endExample; e += step)
            {
                NativeMemory.Clear(
                    _accumulators + (e * _owner.RowLength) + ((long)firstBlock * BlockColumns * step),
                    (nuint)((endBlock - firstBlock) * BlockColumns * step) * sizeof(float));
            }
        }

        public void Accumulate(in TileView tile, long part, float* scratch)
        {
            (int firstExample, int endExample, int firstBlock, int endBlock) = Range(part);
            if (_exampleParts == 1) (firstExample, endExample) = (0, tile.Count);
            _owner.Accumulate(tile, firstExample, endExample, firstBlock, endBlock, _accumulators, scratch);
        }

        public void Finish(long part)
        {
            (int firstExample, int endExample, int firstBlock, int endBlock) = Range(part);
            int lanes = _owner.Interleave, dimension = _owner.Dimension;
            int* places = stackalloc int[BlockColumns];
            for (int j = 0; j < BlockColumns; j++) places[j] = _owner.Place(j) * lanes;
            for (int e = firstExample; e < endExample; e++)
            {
                float* sums = _accumulators + (e / lanes * lanes * _owner.RowLength) + (e % lanes);
                float* target = _features + ((long)e * dimension);
                for (int block = firstBlock; block < endBlock; block++)
                {
                    float* from = sums + ((long)block * BlockColumns * lanes), to = target + ((long)block * BlockColumns);
                    int columns = Math.Min(BlockColumns, dimension - (block * BlockColumns));
                    for (int j = 0; j < columns; j++) to[j] += from[places[j]];
                }
            }
        }

        private (int FirstExample, int EndExample, int FirstBlock, int EndBlock) Range(long part)
        {
            (long examples, long columns) = Math.DivRem(part, _columnParts);
            int blocks = _owner.Blocks;
            return (Cut(examples), Cut(examples + 1), (int)(columns * blocks / _columnParts), (int)((columns + 1) * blocks / _columnParts));
        }

        private int Cut(long part)
        {
            int cuts = (Count + _owner.ExampleCut - 1) / _owner.ExampleCut;
            return Math.Min(Count, (int)(part * cuts / _exampleParts) * _owner.ExampleCut);
        }
    }
}
