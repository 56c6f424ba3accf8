namespace TrakFast.Kernels;

/// <summary>
/// Rademacher on AVX2: for a chunk of coordinates the places of all columns are made once and serve every eight examples,
/// whose tables pass through the first-level cache, 32 coordinates at a time. See <see cref="SumTables"/>.
/// </summary>
internal sealed unsafe class RademacherTableProjector(Projection projection, Workers workers, ScratchPool pool)
    : DenseProjector(projection, workers, pool)
{
    /// <summary>
    /// Coordinates whose sums are added to the accumulators at once; their places for a part's columns stay in the second-level cache.
    /// </summary>
    public const int Chunk = 384;

    /// <summary>Examples below which tables for eight of them do not pay.</summary>
    private const int FewestExamples = 4;

    /// <summary>Column blocks below which making tables costs more than using them.</summary>
    private const int FewestBlocks = 2;

    private readonly RademacherPairProjector _pairs = new(projection, workers, pool);

    /// <inheritdoc/>
    protected override int Interleave => SumTables.Lanes;

    /// <inheritdoc/>
    protected override int ExampleCut => SumTables.Lanes;

    /// <inheritdoc/>
    protected override int FewBlocks => 4;

    /// <inheritdoc/>
    protected override int PartBlocks => 16;

    /// <inheritdoc/>
    public override void Project(TileSource source, float* features)
    {
        bool few = source.Batch < FewestExamples || Blocks < FewestBlocks
            || (source.Batch <= SumTables.Lanes && Blocks < FewestBlocks * Workers.Threads);
        if (few) _pairs.Project(source, features);
        else base.Project(source, features);
    }

    /// <inheritdoc/>
    public override void Project(RowsBlock block, float* features) => _pairs.Project(block, features);

    /// <inheritdoc/>
    protected override long ScratchLength(int examples, int blocks)
    {
        long columns = (long)blocks * BlockColumns;
        return PlaceFloats(columns) + SumTables.Floats + (columns * SumTables.Lanes) + (Chunk * 4) + Philox.Slack;
    }

    /// <inheritdoc/>
    protected override void Accumulate(
        in TileView tile, int firstExample, int endExample, int firstBlock, int endBlock, float* accumulators, float* scratch)
    {
        int columns = (endBlock - firstBlock) * BlockColumns;
        ulong* places = (ulong*)scratch;
        float* tables = scratch + PlaceFloats(columns), sums = tables + SumTables.Floats;
        uint* words = (uint*)(sums + ((long)columns * SumTables.Lanes));
        for (int start = 0; start < tile.Length; start += Chunk)
        {
            int length = Math.Min(Chunk, tile.Length - start), steps = (length + SumTables.Step - 1) / SumTables.Step;
            for (int block = firstBlock; block < endBlock; block++)
            {
                tile.Runs.Words(Projection, start, length, (uint)block, RandomEntries.RademacherStream, words);
                ulong* target = places + ((long)(block - firstBlock) * BlockColumns);
                for (int s = 0; s < steps; s++) SumTables.Places(words + (4 * SumTables.Step * s), target + ((long)s * columns));
            }

            for (int e = firstExample; e < endExample; e += SumTables.Lanes)
            {
                float* values = tile.Example(e) + start, totals = Totals(accumulators, e, firstBlock);
                int examples = Math.Min(SumTables.Lanes, endExample - e);
                for (int s = 0; s < steps; s++)
                {
                    int at = s * SumTables.Step;
                    ulong* place = places + ((long)s * columns);
                    SumTables.Build(values + at, tile.Step, examples, length - at, tables);
                    if (s == 0 && s == steps - 1) SumTables.Add<SumTables.Yes, SumTables.Yes>(columns, place, tables, sums, totals);
                    else if (s == 0) SumTables.Add<SumTables.Yes, SumTables.No>(columns, place, tables, sums, totals);
                    else if (s == steps - 1) SumTables.Add<SumTables.No, SumTables.Yes>(columns, place, tables, sums, totals);
                    else SumTables.Add<SumTables.No, SumTables.No>(columns, place, tables, sums, totals);
                }
            }
        }
    }

    /// <inheritdoc/>
    protected override int Place(int column) => SumTables.Place(column);

    private static long PlaceFloats(long columns) => Chunk / SumTables.Step * columns * 2;

    private float* Totals(float* accumulators, int example, int block) =>
        accumulators + (example * RowLength) + ((long)block * BlockColumns * SumTables.Lanes);
}
