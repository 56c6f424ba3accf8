namespace TrakFast.Datasets;

/// <summary>The text of a row, or its pair of texts, from the columns that hold them.</summary>
/// <param name="columns">The column of texts or chats, and that of the second text.</param>
/// <param name="template">Writes chats as text.</param>
internal sealed class RowText(IReadOnlyList<string> columns, ChatTemplate template)
{
    /// <summary>The columns that are read.</summary>
    public IReadOnlyList<string> Columns => columns;

    /// <summary>How chats are written.</summary>
    public ChatTemplate Template => template;

    /// <summary>The texts of a row.</summary>
    /// <param name="values">The columns' values.</param>
    /// <param name="where">Where the row stands.</param>
    /// <exception cref="InputException">There is no text.</exception>
    public (string Text, string? Pair) Read(ReadOnlySpan<object?> values, string where) =>
        (One(values[0], columns[0], where), values.Length > 1 ? One(values[1], columns[1], where) : null);

    private string One(object? value, string column, string where) => value switch
    {
        string text => text,
        TextChunk chunk => chunk.Text,
        IReadOnlyList<object?> messages => template.Write(messages, $"{where}, column '{column}'"),
        null => throw new InputException($"{where} has no text in the column '{column}'."),
        _ => Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture)!,
    };
}
