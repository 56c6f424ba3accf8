namespace TrakFast.Datasets;

/// <summary>A file of plain text, a row a line, in the column <c>text</c>. Empty lines are left out.</summary>
public sealed class TextLinesSource : RowSource
{
    private const string Column = "text";
    private readonly RecordFile _file;

    private TextLinesSource(RecordFile file) => _file = file;

    /// <inheritdoc/>
    public override string Name => _file.Path;

    /// <inheritdoc/>
    public override long Count => _file.Count;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns { get; } = [Column];

    /// <inheritdoc/>
    public override IEnumerable<(string Name, string Path)> Files => [("rows", _file.Path)];

    /// <summary>Opens a file of text.</summary>
    /// <param name="path">UTF-8.</param>
    /// <exception cref="TrakException">The file cannot be read, or holds no text.</exception>
    public static TextLinesSource Open(string path)
    {
        RecordFile file = RecordFile.Open(path, new LineSplitter());
        if (file.Count > 0) return new TextLinesSource(file);
        file.Dispose();
        throw new InputException($"{path} holds no text.");
    }

    /// <inheritdoc/>
    public override IReadOnlyList<object?[]> Read(IReadOnlyList<long> rows, IReadOnlyList<string> columns)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(columns);
        if (columns.FirstOrDefault(static c => c != Column) is { } missing) throw NoColumn(missing);
        return [.. rows.Select(row => columns.Count == 0 ? []
            : new object?[] { SourceText.Read(_file.Read(row), Where(row)).TrimEnd('\r') })];
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _file.Dispose();
}
