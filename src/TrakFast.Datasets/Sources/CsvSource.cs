using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;

namespace TrakFast.Datasets;

/// <summary>A CSV file whose first line names the columns (RFC 4180, UTF-8). All values are texts.</summary>
public sealed class CsvSource : RowSource
{
    // What is parsed in one go where rows follow each other.
    private const long BlockBytes = 4 << 20;
    private readonly RecordFile _file;
    private readonly CsvConfiguration _configuration;
    private readonly string[] _columns;
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);

    private CsvSource(RecordFile file, string delimiter)
    {
        _file = file;
        _configuration = new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            Delimiter = delimiter,
            HasHeaderRecord = false,
            Mode = CsvMode.RFC4180,
            BadDataFound = null,
            LineBreakInQuotedFieldIsBadData = false,
        };
        if (file.Count == 0) throw new InputException($"{file.Path} is empty; its first line should name the columns.");
        _columns = Parse(file.Read(0), $"{file.Path}, line 1")[0];
        file.DropFirst();
        for (int i = 0; i < _columns.Length; i++)
        {
            if (!_places.TryAdd(_columns[i], i)) throw new InputException($"{file.Path} has two columns called '{_columns[i]}'.");
        }

        if (file.Count == 0) throw new InputException($"{file.Path} has the columns {string.Join(", ", _columns)} and no row.");
    }

    /// <inheritdoc/>
    public override string Name => _file.Path;

    /// <inheritdoc/>
    public override long Count => _file.Count;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns => _columns;

    /// <inheritdoc/>
    public override IEnumerable<(string Name, string Path)> Files => [("rows", _file.Path)];

    /// <summary>Opens a CSV file, and goes through it once to find its rows.</summary>
    /// <param name="path">
    /// The file; <c>.tsv</c> is separated by tabs, and others by what separates the names of their columns: a comma, a semicolon or a
    /// tab.
    /// </param>
    /// <exception cref="TrakException">The file cannot be read, or names no columns.</exception>
    public static CsvSource Open(string path)
    {
        char delimiter = Delimiter(path);
        RecordFile file = RecordFile.Open(path, new CsvSplitter((byte)delimiter));
        try
        {
            return new CsvSource(file, delimiter.ToString());
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
        int[] places = [.. columns.Select(column => _places.TryGetValue(column, out int place) ? place : throw NoColumn(column))];
        List<object?[]> result = new(rows.Count);
        for (int first = 0; first < rows.Count;)
        {
            int count = 1;
            while (first + count < rows.Count && rows[first + count] == rows[first] + count
                && _file.Place(rows[first + count]).End - _file.Place(rows[first]).Start <= BlockBytes) count++;
            foreach (string[] record in Block(rows[first], count)) result.Add([.. places.Select(place => (object?)record[place])]);
            first += count;
        }

        return result;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _file.Dispose();

    private List<string[]> Block(long first, int count)
    {
        (long start, long end) = (_file.Place(first).Start, _file.Place(first + count - 1).End);
        List<string[]> records = Parse(_file.Read(start, checked((int)(end - start))), count == 1 ? Where(first) : $"{Where(first)} or one of the {count - 1} after it");
        if (records.Count != count)
            throw new InputException($"{Where(first)} and those after it have quotes that do not fit together; RFC 4180 doubles a quote in quotes.");
        for (int i = 0; i < count; i++)
        {
            if (records[i].Length != _columns.Length)
                throw new InputException($"{Where(first + i)} has {records[i].Length} fields, and there are {_columns.Length} columns.");
        }

        return records;
    }

    private List<string[]> Parse(byte[] bytes, string where)
    {
        using StringReader text = new(SourceText.Read(bytes, where));
        using CsvParser parser = new(text, _configuration);
        List<string[]> records = [];
        try
        {
            while (parser.Read()) records.Add(parser.Record!);
        }
        catch (CsvHelperException exception)
        {
            throw new InputException($"{where} is no CSV: {exception.Message.Split('\n')[0].TrimEnd('.', '\r')}.", exception);
        }

        return records;
    }

    private static char Delimiter(string path)
    {
        if (System.IO.Path.GetExtension(path).Equals(".tsv", StringComparison.OrdinalIgnoreCase)) return '\t';
        try
        {
            using StreamReader reader = new(path);
            char[] room = new char[1 << 16];
            ReadOnlySpan<char> line = room.AsSpan(0, reader.ReadBlock(room));
            int end = line.IndexOf('\n');
            if (end >= 0) line = line[..end];
            return line.Contains(',') ? ',' : line.Contains(';') ? ';' : line.Contains('\t') ? '\t' : ',';
        }
        catch (Exception exception) when (FileAccessErrors.Covers(exception))
        {
            throw FileAccessErrors.Explain("read", path, exception);
        }
    }
}
