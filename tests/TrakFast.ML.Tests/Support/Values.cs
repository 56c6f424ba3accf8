using System.Globalization;
using Microsoft.ML;

namespace TrakFast.ML.Tests.Support;

/// <summary>Values of sources with their types, as text, so that whole rows can be compared.</summary>
internal static class Values
{
    /// <summary>A value as text.</summary>
    public static string Text(object? value) => value switch
    {
        null => "null",
        string text => $"\"{text}\"",
        IReadOnlyList<object?> list => $"[{string.Join(", ", list.Select(Text))}]",
        _ => string.Create(CultureInfo.InvariantCulture, $"{value.GetType().Name} {value}"),
    };

    /// <summary>All values of a column of a view.</summary>
    public static string[] Column(IDataView view, string column)
    {
        using DataViewSource source = new(view);
        return [.. source.Read([.. Enumerable.Range(0, (int)source.Count).Select(static i => (long)i)], [column]).Select(static row =>
            Text(row[0]))];
    }
}
