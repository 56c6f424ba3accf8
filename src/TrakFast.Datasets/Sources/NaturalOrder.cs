namespace TrakFast.Datasets;

/// <summary>Names in the order that people expect: <c>part-2</c> before <c>part-10</c>, everything else ordinal.</summary>
internal sealed class NaturalOrder : IComparer<string>
{
    /// <summary>The only one there is.</summary>
    public static NaturalOrder Comparer { get; } = new();

    /// <inheritdoc/>
    public int Compare(string? x, string? y)
    {
        ReadOnlySpan<char> a = x, b = y;
        while (a.Length > 0 && b.Length > 0)
        {
            int digits = Digits(a), others = Digits(b);
            if (digits > 0 && others > 0)
            {
                ReadOnlySpan<char> first = a[..digits].TrimStart('0'), second = b[..others].TrimStart('0');
                int order = first.Length != second.Length ? first.Length.CompareTo(second.Length) : first.SequenceCompareTo(second);
                if (order != 0) return order;
                a = a[digits..];
                b = b[others..];
            }
            else if (a[0] != b[0])
            {
                return a[0].CompareTo(b[0]);
            }
            else
            {
                a = a[1..];
                b = b[1..];
            }
        }

        return a.Length != b.Length ? a.Length.CompareTo(b.Length) : string.CompareOrdinal(x, y);
    }

    private static int Digits(ReadOnlySpan<char> text) => text.IndexOfAnyExceptInRange('0', '9') is >= 0 and int end ? end : text.Length;
}
