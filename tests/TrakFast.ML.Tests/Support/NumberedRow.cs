namespace TrakFast.ML.Tests.Support;

/// <summary>A row that tells its place.</summary>
internal sealed class NumberedRow
{
    /// <summary>The place, from 0.</summary>
    public int Place { get; set; }

    /// <summary>The place as a text.</summary>
    public string Word { get; set; } = string.Empty;

    /// <summary>The row of a place.</summary>
    public static NumberedRow Of(int place) => new() { Place = place, Word = $"row {place}" };

    /// <summary>The first rows, in a list.</summary>
    public static List<NumberedRow> List(int count) => [.. Enumerable.Range(0, count).Select(Of)];
}
