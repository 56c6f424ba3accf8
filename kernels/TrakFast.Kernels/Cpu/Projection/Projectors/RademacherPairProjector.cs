namespace TrakFast.Kernels;

/// <summary>Rademacher on AVX2 where examples or columns are few, and for rows of tables. See <see cref="PairSums"/>.</summary>
internal sealed unsafe class RademacherPairProjector(Projection projection, Workers workers, ScratchPool pool)
    : DenseProjector(projection, workers, pool)
{
    private const int Chunk = RademacherTableProjector.Chunk;

    private const int TableFloats = Chunk / PairSums.Step * PairSums.Floats;

    /// <inheritdoc/>
    protected override int ExampleCut => 2;

    /// <inheritdoc/>
    protected override long ScratchLength(int examples, int blocks) => ((long)examples * TableFloats) + (Chunk * 4) + Philox.Slack;

    /// <inheritdoc/>
    protected override void Accumulate(
        in TileView tile, int firstExample, int endExample, int firstBlock, int endBlock, float* accumulators, float* scratch)
    {
        uint* words = (uint*)scratch;
        float* tables = scratch + (Chunk * 4) + Philox.Slack;
        for (int start = 0; start < tile.Length; start += Chunk)
        {
            int length = Math.Min(Chunk, tile.Length - start), groups = (length + PairSums.Step - 1) / PairSums.Step;
            for (int e = firstExample; e < endExample; e++)
                PairSums.Build(tile.Example(e) + start, length, tables + ((long)(e - firstExample) * TableFloats));

            for (int block = firstBlock; block < endBlock; block++)
            {
                tile.Runs.Words(Projection, start, length, (uint)block, RandomEntries.RademacherStream, words);
                PairSums.Places(words, groups);
                float* target = accumulators + ((long)block * BlockColumns), table = tables;
                int e = firstExample;
                for (; e < endExample - 1; e += 2, table += 2 * TableFloats)
                    PairSums.Two(
                        groups, (int*)words, table, table + TableFloats, target + (tile.Row(e) * RowLength),
                        target + (tile.Row(e + 1) * RowLength));
                if (e < endExample) PairSums.One(groups, (int*)words, table, target + (tile.Row(e) * RowLength));
            }
        }
    }

    /// <inheritdoc/>
    protected override int Place(int column) => PairSums.Place(column);
}
