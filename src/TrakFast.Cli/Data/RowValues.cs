using System.Globalization;
using TrakFast.Datasets;

namespace TrakFast.Cli.Data;

/// <summary>The values of a row as text.</summary>
internal static class RowValues
{
    /// <summary>All columns of a row, <c>age 31 · income 52000</c>.</summary>
    public static string Text(RowSource source, long row) => string.Join(
        " · ", source.Columns.Zip(source.Read(row, source.Columns)).Select(static c => $"{c.First} {Text(c.Second)}"));

    /// <summary>One value.</summary>
    public static string Text(object? value) => value switch
    {
        null => "—",
        string text => text,
        PictureFile file => file.Path,
        Datasets.Picture picture => $"{picture.Width}×{picture.Height} picture",
        byte[] bytes => $"{bytes.Length} bytes",
        TextChunk chunk => chunk.Text,
        IReadOnlyDictionary<string, object?> fields => $"{{{string.Join(", ", fields.Select(static f => $"{f.Key}: {Text(f.Value)}"))}}}",
        IReadOnlyList<object?> list => $"[{string.Join(", ", list.Select(Text))}]",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty,
    };
}
