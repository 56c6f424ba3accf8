using System.Text.Json;

namespace TrakFast.Datasets;

/// <summary>A file with a JSON object a line. Columns are the names that the first rows have.</summary>
public sealed class JsonLinesSource : RowSource
{
    private const int LookedAt = 100;
    private readonly RecordFile _file;
    private readonly List<string> _columns = [];

    private JsonLinesSource(RecordFile file)
    {
        _file = file;
        TrakException? first = null;
        for (long row = 0; row < Math.Min(LookedAt, file.Count); row++)
        {
            try
            {
                AddColumns(row);
            }
            catch (TrakException exception)
            {
                // It is named when it is read, unless it is left out.
                first ??= exception;
            }
        }

        if (_columns.Count == 0 && first is not null) throw first;
        if (_columns.Count == 0) throw new InputException($"{file.Path} holds no rows: a JSON object a line is wanted.");
    }

    /// <inheritdoc/>
    public override string Name => _file.Path;

    /// <inheritdoc/>
    public override long Count => _file.Count;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns => _columns;

    /// <inheritdoc/>
    public override IEnumerable<(string Name, string Path)> Files => [("rows", _file.Path)];

    /// <summary>Opens a file of JSON lines, and goes through it once to find its rows.</summary>
    /// <param name="path">UTF-8.</param>
    /// <exception cref="TrakException">The file cannot be read, or the first rows are no JSON objects.</exception>
    public static JsonLinesSource Open(string path)
    {
        RecordFile file = RecordFile.Open(path, new LineSplitter());
        try
        {
            return new JsonLinesSource(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<object?[]> Read(IReadOnlyList<long> rows, IReadOnlyList<string> columns)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(columns);
        if (columns.FirstOrDefault(column => !Has(column)) is { } missing) throw NoColumn(missing);
        return [.. rows.Select(row => Read(row, columns))];
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _file.Dispose();

    private void AddColumns(long row)
    {
        using JsonDocument document = Parse(row);
        foreach (JsonProperty property in document.RootElement.EnumerateObject())
        {
            if (!_columns.Contains(property.Name)) _columns.Add(property.Name);
        }
    }

    private new object?[] Read(long row, IReadOnlyList<string> columns)
    {
        using JsonDocument document = Parse(row);
        JsonElement root = document.RootElement;
        return [.. columns.Select(column => JsonValues.At(root, column))];
    }

    private JsonDocument Parse(long row)
    {
        string where = Where(row);
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(SourceText.Read(_file.Read(row), where));
        }
        catch (JsonException exception)
        {
            throw new InputException($"{where} is no JSON object on one line: {exception.Message.Split(". ")[0].TrimEnd('.')}.", exception);
        }

        if (document.RootElement.ValueKind == JsonValueKind.Object) return document;
        document.Dispose();
        throw new InputException($"{where} is no JSON object; each line should be one.");
    }
}
