namespace TrakFast.Kernels;

/// <summary>Scores in tiles of rows: products summed over the models, scaled, handed on before the next tile.</summary>
internal static unsafe class CpuScores
{
    /// <summary>Scores in a tile: small enough that it is still in the cache when it is handed on.</summary>
    private const long TileScores = 1 << 20;

    /// <summary>Rows of a tile where there are many targets, because a product of fewer rows spends its time reading targets.</summary>
    private const long FewestRows = 128;

    /// <summary>Scores in a tile at most, unless a single row has more.</summary>
    private const long MostScores = 1 << 24;

    public static void Run(
        Workers workers, ScratchPool pool, IReadOnlyList<MemoryView> train, IReadOnlyList<MemoryView> targets,
        MemoryView rowScale, long firstRow, ScoreSink sink)
    {
        long rows = rowScale.Length, count = sink.Targets;
        ScoreShape.Check(train, targets, rows, count);
        if (rows == 0 || count == 0) return;
        long tileRows = Math.Clamp(Math.Max(TileScores / count, Math.Min(FewestRows, MostScores / count)), 1, rows);
        using ScratchPool.Lease lease = pool.Rent(tileRows * count);
        float* tile = lease.Pointer, scale = rowScale.Floats;
        for (long first = 0; first < rows; first += tileRows)
        {
            long at = first, height = Math.Min(tileRows, rows - first);
            if (train.Count == 0) new Span<float>(tile, checked((int)(height * count))).Clear();
            for (int model = 0; model < train.Count; model++)
            {
                long k = train[model].Length / rows;
                float* rowsOf = train[model].Floats + (first * k), targetsOf = targets[model].Floats;

                // Selecting wants the scores of a target side by side.
                if (sink is TopSink)
                    Sgemm.Multiply(workers, false, true, count, height, k, targetsOf, k, rowsOf, k, tile, height, model > 0);
                else Sgemm.Multiply(workers, false, true, height, count, k, rowsOf, k, targetsOf, k, tile, count, model > 0);
            }

            switch (sink)
            {
                case TileSink tiles:
                    workers.Run(height, Math.Max(1, 65536 / count), (start, end) =>
                    {
                        for (long r = start; r < end; r++) VectorAdd.Scale(scale[at + r], tile + (r * count), tile + (r * count), count);
                    });
                    tiles.Accept(firstRow + first, new ReadOnlySpan<float>(tile, checked((int)(height * count))));
                    break;
                case TopSink top: top.AcceptColumns(workers, firstRow + first, height, tile, scale + first); break;
                default: throw new NotSupportedException($"{sink.GetType().Name} is not a sink this backend knows.");
            }
        }
    }
}
