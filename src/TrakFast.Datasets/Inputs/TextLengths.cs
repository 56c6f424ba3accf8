namespace TrakFast.Datasets;

/// <summary>How long the texts of sources are, in tokens.</summary>
/// <param name="Longest">Tokens of the longest.</param>
/// <param name="Count">Texts.</param>
/// <param name="Longer">Texts that are longer than a limit.</param>
internal sealed record TextLengths(int Longest, long Count, long Longer)
{
    private const int BlockRows = 256;

    /// <summary>Goes through the texts. Rows that cannot be read are passed over; they are refused when they are used.</summary>
    public static TextLengths Of(IEnumerable<RowSource> sources, RowText text, TextTokenizer tokenizer, int limit,
        CancellationToken cancellationToken)
    {
        int longest = 0;
        long count = 0, longer = 0;
        Lock gate = new();
        foreach (RowSource source in sources)
        {
            for (long start = 0; start < source.Count; start += BlockRows)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Parallel.For(start, Math.Min(source.Count, start + BlockRows), row =>
                {
                    int length;
                    try
                    {
                        length = TokenField.Encode(tokenizer, text, source.Read(row, text.Columns), source.Where(row), null).Length;
                    }
                    catch (TrakException)
                    {
                        return;
                    }

                    lock (gate)
                    {
                        longest = Math.Max(longest, length);
                        count++;
                        if (length > limit) longer++;
                    }
                });
            }
        }

        return new TextLengths(longest, count, longer);
    }
}
