namespace TrakFast.Kernels;

/// <summary>
/// A dense random matrix as a matrix product: entries [coordinates, columns] are made a cache-full at a time and
/// multiplied by <see cref="Sgemm"/>. Works for any entries on any processor.
/// </summary>
internal sealed unsafe class ProductProjector<TPanel>(Projection projection, Workers workers, ScratchPool pool)
    : DenseProjector(projection, workers, pool)
    where TPanel : struct, IRandomPanel
{
    /// <summary>Coordinates multiplied at once: their random entries stay in the first- or second-level cache.</summary>
    private const int Chunk = 256;

    /// <inheritdoc/>
    protected override long ScratchLength(int examples, int blocks) =>
        ((long)Chunk * BlockColumns) + ((long)examples * BlockColumns) + (Chunk * 4) + Philox.Slack;

    /// <inheritdoc/>
    protected override void Accumulate(
        in TileView tile, int firstExample, int endExample, int firstBlock, int endBlock, float* accumulators, float* scratch)
    {
        float* panel = scratch, sums = panel + (Chunk * BlockColumns);
        int examples = endExample - firstExample;
        uint* words = (uint*)(sums + ((long)examples * BlockColumns));
        for (int start = 0; start < tile.Length; start += Chunk)
        {
            int length = Math.Min(Chunk, tile.Length - start);
            for (int block = firstBlock; block < endBlock; block++)
            {
                int columns = Math.Min(BlockColumns, Dimension - (block * BlockColumns));
                TPanel.Fill(Projection, tile.Runs, start, length, block, columns, panel, BlockColumns, words);
                Sgemm.Multiply(
                    Workers.Single, false, false, examples, columns, length, tile.Example(firstExample) + start, tile.Step,
                    panel, BlockColumns, sums, BlockColumns, false);
                for (int e = 0; e < examples; e++)
                {
                    float* target = accumulators + (tile.Row(firstExample + e) * RowLength) + ((long)block * BlockColumns);
                    VectorAdd.Add(sums + ((long)e * BlockColumns), target, columns);
                }
            }
        }
    }

    /// <inheritdoc/>
    protected override int Place(int column) => column;
}

/// <summary>Makes entries of a random matrix.</summary>
internal unsafe interface IRandomPanel
{
    /// <summary>Entries [length, columns] for a tile's elements [start, start + length) and the first columns of a block of 128.</summary>
    static abstract void Fill(
        in Projection projection, in CoordinateRuns runs, int start, int length, int block, int columns,
        float* panel, int panelStep, uint* words);
}
