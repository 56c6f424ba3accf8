namespace TrakFast.Kernels;

/// <summary>
/// How SJLT cuts a block: chunks into spans that are summed by themselves, columns into ranges, and, where columns are few, into
/// folds. By the block's shape and k alone, so that no result depends on the batch or the device.
/// </summary>
/// <param name="Chunks">Chunks of the block.</param>
/// <param name="SpanChunks">Chunks of a span.</param>
/// <param name="Ranges">Ranges of columns.</param>
/// <param name="Fold">How many times as many sums as columns there are, a power of two.</param>
internal readonly record struct SjltCut(int Chunks, int SpanChunks, int Ranges, int Fold)
{
    /// <summary>Coordinates of a chunk of a dense or an outer-product block.</summary>
    public const int Chunk = 4096;

    /// <summary>Entries of a chunk of a block of rows.</summary>
    public const int RowsChunk = 1024;

    private const int Range = 4096;
    private const int MostSpans = 256;

    /// <summary>Spans.</summary>
    public int Spans => (Chunks + SpanChunks - 1) / SpanChunks;

    /// <summary>
    /// Spans of a length that is worth k sums written and read again, as measured by the work of a coordinate, which is that of
    /// reading it and that of its positions.
    /// </summary>
    /// <param name="chunks">Chunks of the block.</param>
    /// <param name="length">Coordinates of a chunk.</param>
    /// <param name="positions">Positions summed over to make a coordinate; 0 where it is read.</param>
    /// <param name="k">Projection dimension.</param>
    public static SjltCut Of(long chunks, int length, int positions, int k)
    {
        long coordinates = Math.Max(1L << 14, 16L * k) / (1 + (positions / 32));
        long least = Math.Max(1, coordinates / length), spans = Math.Clamp(chunks / least, 1, MostSpans);
        int fold = 1;
        while (2L * fold * k <= Range / 2) fold *= 2;
        return new(checked((int)chunks), (int)((chunks + spans - 1) / spans), (int)(((long)k + Range - 1) / Range), fold);
    }
}
