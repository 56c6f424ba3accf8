namespace TrakFast;

/// <summary>Cuts row indices into runs of neighbors, so that a store touches its files once for each run.</summary>
internal static class RowRuns
{
    /// <summary>Runs (position in the list, first row, count) whose rows follow one another in the list.</summary>
    public static IEnumerable<(int Position, long Row, int Count)> Of(IReadOnlyList<long> rows)
    {
        for (int start = 0; start < rows.Count;)
        {
            int end = start + 1;
            while (end < rows.Count && rows[end] == rows[end - 1] + 1) end++;
            yield return (start, rows[start], end - start);
            start = end;
        }
    }
}
