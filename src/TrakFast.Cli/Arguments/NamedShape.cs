using System.Globalization;

namespace TrakFast.Cli.Arguments;

/// <summary>The shape of one example's array, as in <c>image=3,32,32</c>.</summary>
/// <param name="Name">Name of the array.</param>
/// <param name="Sizes">Its sizes, without the examples' axis.</param>
internal sealed record NamedShape(string Name, IReadOnlyList<long> Sizes)
{
    /// <summary>Reads several <c>NAME=SIZE,SIZE…</c>; no name may come twice.</summary>
    /// <exception cref="FormatException">One is not of that form, or a name comes twice.</exception>
    public static IReadOnlyList<NamedShape> ParseAll(IEnumerable<string> texts)
    {
        List<NamedShape> shapes = [];
        foreach (string text in texts)
        {
            string[] parts = text.Split('=', 2);
            if (parts.Length != 2 || parts[0].Length == 0)
                throw new FormatException($"'{text}' has no name; write NAME=SIZES, for example image=3,32,32.");
            if (shapes.Any(s => s.Name == parts[0])) throw new FormatException($"The shape of '{parts[0]}' is given twice.");
            shapes.Add(
                new NamedShape(parts[0], [.. parts[1].Split(',', StringSplitOptions.RemoveEmptyEntries).Select(size => Size(size, text))]));
        }

        return shapes;
    }

    private static long Size(string size, string text) =>
        long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out long value) && value > 0
            ? value
            : throw new FormatException(
                $"'{size}' in '{text}' is not a size; whole numbers of 1 or more, separated by commas, are wanted.");
}
