namespace TrakFast.Kernels;

/// <summary>
/// Rademacher on AVX-512: for a chunk of coordinates every example's tables are made once and serve all columns; for every
/// block of 128 columns the sign bits are made once and serve all examples. See <see cref="LookupKernel"/>.
/// </summary>
internal sealed unsafe class RademacherLookupProjector(Projection projection, Workers workers, ScratchPool pool)
    : DenseProjector(projection, workers, pool)
{
    /// <summary>Coordinates multiplied at once: their random entries stay in the first- or second-level cache.</summary>
    private const int Chunk = 256;

    /// <summary>Four coordinates make a table of 16 floats.</summary>
    private const int TableFloats = Chunk * 4;

    /// <summary>Tables of all examples stay in the second-level cache.</summary>
    protected override int GroupSize => 64;

    /// <inheritdoc/>
    protected override long ScratchLength(int examples, int blocks) => ((long)examples * TableFloats) + (Chunk * 4) + Philox.Slack;

    /// <inheritdoc/>
    protected override void Accumulate(
        in TileView tile, int firstExample, int endExample, int firstBlock, int endBlock, float* accumulators, float* scratch)
    {
        int* indices = (int*)scratch;
        float* tables = scratch + (Chunk * 4) + Philox.Slack;
        int fours = (endExample - firstExample) / 4 * 4;
        for (int start = 0; start < tile.Length; start += Chunk)
        {
            int length = Math.Min(Chunk, tile.Length - start), groups = (length + 3) / 4;
            for (int e = firstExample; e < endExample; e++)
            {
                int n = e - firstExample;
                if (n < fours)
                    LookupKernel.Tables(tile.Example(e) + start, length, tables + ((long)n / 4 * 4 * TableFloats) + (n % 4 * 16), 64);
                else LookupKernel.Tables(tile.Example(e) + start, length, tables + ((long)n * TableFloats), 16);
            }

            for (int block = firstBlock; block < endBlock; block++)
            {
                tile.Runs.Words(Projection, start, length, (uint)block, RandomEntries.RademacherStream, (uint*)indices);
                LookupKernel.Indices((uint*)indices, groups);
                float* target = accumulators + ((long)block * BlockColumns);
                int n = 0;
                for (; n < fours; n += 4)
                {
                    int e = firstExample + n;
                    float* c0 = target + (tile.Row(e) * RowLength), c1 = target + (tile.Row(e + 1) * RowLength);
                    float* c2 = target + (tile.Row(e + 2) * RowLength), c3 = target + (tile.Row(e + 3) * RowLength);
                    float* table = tables + ((long)n * TableFloats);
                    LookupKernel.Four(groups, indices, table, 0, c0, c1, c2, c3);
                    LookupKernel.Four(groups, indices, table, 16, c0 + 64, c1 + 64, c2 + 64, c3 + 64);
                }

                for (; firstExample + n < endExample; n++)
                    LookupKernel.One(
                        groups, indices, tables + ((long)n * TableFloats), 0, target + (tile.Row(firstExample + n) * RowLength));
            }
        }
    }

    /// <inheritdoc/>
    protected override int Place(int column) => LookupKernel.Place(column);
}
