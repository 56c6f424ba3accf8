using System.Globalization;

namespace TrakFast.Datasets.Tests.Support;

/// <summary>Values of sources as text, so that whole rows can be compared.</summary>
internal static class Values
{
    public static string Text(object? value) => value switch
    {
        null => "null",
        string text => $"\"{text}\"",
        byte[] bytes => $"\"{System.Text.Encoding.UTF8.GetString(bytes)}\"",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        IReadOnlyDictionary<string, object?> fields => $"{{{string.Join(", ", fields.Select(static f => $"{f.Key}: {Text(f.Value)}"))}}}",
        IReadOnlyList<object?> list => $"[{string.Join(", ", list.Select(Text))}]",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    public static string[] Rows(RowSource source, params string[] columns) =>
        [.. Enumerable.Range(0, (int)source.Count).Select(i => string.Join(" | ", source.Read(i, columns).Select(Text)))];
}
