namespace TrakFast;

/// <summary>Names of weights, for people.</summary>
internal static class WeightNames
{
    private const int MostNamed = 8;
    private const int Longest = 120;

    /// <summary>A name of a file's own, which may be of any length.</summary>
    public static string Short(string name) => name.Length <= Longest ? name : $"{name[..Longest]}…";

    /// <summary>A few names between quotation marks, and how many more there are.</summary>
    public static string List(IReadOnlyCollection<string> names) =>
        string.Join(", ", names.Take(MostNamed).Select(static n => $"'{Short(n)}'"))
        + (names.Count > MostNamed ? $" and {names.Count - MostNamed} more" : string.Empty);
}
