using System.Text.Json;
using Parquet;
using Parquet.Schema;

namespace TrakFast.Datasets;

/// <summary>
/// A Parquet file. The columns that are asked for are read a row group at a time, and the last few groups are kept. Hugging Face's names
/// of class labels are read from the file's metadata.
/// </summary>
public sealed class ParquetSource : RowSource
{
    // A group read last, one that reading ahead is at, and one for who looks things up.
    private const int KeptGroups = 3;
    private readonly Lock _gate = new();
    private readonly FileStream _stream;
    private readonly ParquetReader _reader;
    private readonly long[] _starts;
    private readonly LinkedList<(int Group, Dictionary<string, ParquetColumn> Columns)> _kept = [];
    private readonly Dictionary<string, IReadOnlyList<string>> _labelNames = new(StringComparer.Ordinal);

    private ParquetSource(string path, FileStream stream, ParquetReader reader)
    {
        (Name, _stream, _reader) = (path, stream, reader);
        Columns = [.. reader.Schema.Fields.Select(static f => f.Name)];
        _starts = new long[reader.RowGroupCount + 1];
        for (int i = 0; i < reader.RowGroupCount; i++)
        {
            long rows = reader.RowGroups[i].RowCount;
            if (rows < 0) throw new InputException($"{path} is damaged: its row group {i} claims {rows} rows.");
            _starts[i + 1] = checked(_starts[i] + rows);
        }

        if (Count == 0) throw new InputException($"{path} has the columns {string.Join(", ", Columns)} and no row.");
        ReadLabelNames();
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override long Count => _starts[^1];

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns { get; }

    /// <inheritdoc/>
    public override IEnumerable<(string Name, string Path)> Files => [("rows", Name)];

    /// <summary>Opens a Parquet file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="TrakException">The file cannot be read, or is no Parquet file.</exception>
    public static ParquetSource Open(string path) => Guard(path, () =>
    {
        FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        try
        {
            ParquetReader reader = ParquetReader.CreateAsync(stream, leaveStreamOpen: true).GetAwaiter().GetResult();
            return new ParquetSource(path, stream, reader);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    });

    /// <inheritdoc/>
    public override IReadOnlyList<string>? LabelNames(string column) => _labelNames.GetValueOrDefault(column);

    /// <inheritdoc/>
    public override bool Has(string column)
    {
        ArgumentNullException.ThrowIfNull(column);
        return Find(column) is not null;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<object?[]> Read(IReadOnlyList<long> rows, IReadOnlyList<string> columns)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(columns);
        Field[] fields = [.. columns.Select(column => Find(column) ?? throw NoColumn(column))];
        object?[][] result = new object?[rows.Count][];
        foreach (IGrouping<int, int> group in Enumerable.Range(0, rows.Count).GroupBy(i => GroupOf(rows[i])).OrderBy(static g => g.Key))
        {
            ParquetColumn[] read = [.. fields.Select(field => Column(group.Key, field))];
            foreach (int i in group)
            {
                int row = checked((int)(rows[i] - _starts[group.Key]));
                result[i] = [.. read.Select(column => column.Value(row))];
            }
        }

        return result;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        lock (_gate)
        {
            _reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
            _stream.Dispose();
        }
    }

    // What the package makes of a damaged file may be any exception.
    private static T Guard<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (FileAccessErrors.Covers(exception)
            && exception is not (EndOfStreamException or InvalidDataException))
        {
            throw exception is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException || !IsParquet(path)
                ? FileAccessErrors.Explain("read", path, exception)
                : Damaged(path, exception);
        }
        catch (Exception exception) when (exception is not (TrakException or OperationCanceledException))
        {
            throw Damaged(path, exception);
        }
    }

    private static bool IsParquet(string path) => path.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase);

    private static InputException Damaged(string path, Exception exception) =>
        new($"{path} is damaged, or no Parquet file: {exception.Message.Split('\n')[0].TrimEnd('.', '\r')}.", exception);

    private int GroupOf(long row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Count);
        int at = Array.BinarySearch(_starts, row);
        if (at < 0) return ~at - 1;

        // Empty groups begin where the next one does.
        while (_starts[at + 1] == row) at++;
        return at;
    }

    private Field? Find(string column)
    {
        Field? field = _reader.Schema.Fields.FirstOrDefault(f => f.Name == column);
        if (field is not null) return field;
        IReadOnlyList<Field> level = _reader.Schema.Fields;
        foreach (string part in column.Split('.'))
        {
            field = level.FirstOrDefault(f => f.Name == part);
            if (field is null) return null;
            level = field is StructField structure ? structure.Fields : [];
        }

        return field;
    }

    private ParquetColumn Column(int group, Field field)
    {
        lock (_gate)
        {
            LinkedListNode<(int Group, Dictionary<string, ParquetColumn> Columns)>? node = _kept.First;
            while (node is not null && node.Value.Group != group) node = node.Next;
            if (node is null)
            {
                node = new((group, new Dictionary<string, ParquetColumn>(StringComparer.Ordinal)));
                if (_kept.Count == KeptGroups) _kept.RemoveLast();
            }
            else
            {
                _kept.Remove(node);
            }

            _kept.AddFirst(node);
            string key = field.Path.ToString();
            if (!node.Value.Columns.TryGetValue(key, out ParquetColumn? column))
            {
                column = Guard(Name, () => ParquetColumn.Read(_reader.RowGroups[group], field, _starts[group + 1] - _starts[group]));
                node.Value.Columns.Add(key, column);
            }

            return column;
        }
    }

    // {"info": {"features": {"label": {"names": ["cat", "dog"], "_type": "ClassLabel"}}}}
    private void ReadLabelNames()
    {
        if (_reader.CustomMetadata?.GetValueOrDefault("huggingface") is not { } text) return;
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            if (!document.RootElement.TryGetProperty("info", out JsonElement info) || !info.TryGetProperty("features", out JsonElement features))
                return;
            foreach (JsonProperty feature in features.EnumerateObject())
            {
                if (feature.Value.ValueKind == JsonValueKind.Object && feature.Value.TryGetProperty("names", out JsonElement names)
                    && names.ValueKind == JsonValueKind.Array
                        && names.EnumerateArray().All(static n => n.ValueKind == JsonValueKind.String))
                    _labelNames[feature.Name] = [.. names.EnumerateArray().Select(static n => n.GetString()!)];
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new InputException($"{Name} has metadata of Hugging Face that are no JSON of the usual form: {exception.Message.TrimEnd('.')}.", exception);
        }
    }
}
