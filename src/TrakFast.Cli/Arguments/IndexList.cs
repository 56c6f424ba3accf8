using System.Globalization;

namespace TrakFast.Cli.Arguments;

/// <summary>Train indices as people write them: <c>3,5,8</c>, <c>3 5 8</c>, and <c>10-20</c> for a range with both ends.</summary>
internal static class IndexList
{
    private const int Most = 1_000_000;

    /// <summary>Reads indices, in the order given; none may come twice.</summary>
    /// <exception cref="FormatException">A part is no index and no range, or an index comes twice.</exception>
    public static IReadOnlyList<long> Parse(IEnumerable<string> texts)
    {
        List<long> indices = [];
        HashSet<long> seen = [];
        foreach (string part in texts.SelectMany(static text => text.Split(',')))
        {
            (long first, long last) = Range(part.Trim());
            if (last - first >= Most - indices.Count) throw new FormatException($"more than {Most} indices are given.");
            for (long index = first; index <= last; index++)
            {
                if (!seen.Add(index)) throw new FormatException($"index {index} is given twice.");
                indices.Add(index);
            }
        }

        return indices;
    }

    private static (long First, long Last) Range(string part)
    {
        string[] ends = part.Split('-');
        if (ends.Length <= 2 && ends.All(static end => long.TryParse(end, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
        {
            long first = long.Parse(ends[0], CultureInfo.InvariantCulture), last = long.Parse(ends[^1], CultureInfo.InvariantCulture);
            if (first <= last) return (first, last);
        }

        throw new FormatException($"'{part}' is neither an index, 0 or more, nor a range such as 10-20.");
    }
}
