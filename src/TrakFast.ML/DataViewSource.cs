using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using TrakFast.Datasets;

namespace TrakFast.ML;

/// <summary>
/// An ML.NET data view as rows for TrakFast. Texts, numbers, truth values, vectors of numbers, keys and pictures
/// (<see cref="MLImage"/>) are read; a key becomes the number of its class, from 0, with the key's value as its name.
/// </summary>
/// <remarks>
/// A data view is read from its beginning to its end. Rows asked for in order are read in one pass; going back starts another one,
/// which loads the data again unless the view is cached (<c>mlContext.Data.Cache</c>).
/// </remarks>
public sealed class DataViewSource : RowSource
{
    private readonly IDataView _view;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, IReadOnlyList<string>> _keyNames = new(StringComparer.Ordinal);
    private readonly string _identity;
    private Pass? _pass;

    /// <summary>Reads the rows of a data view.</summary>
    /// <param name="view">The view; its columns that are of no kind that is read are left out.</param>
    /// <param name="name">What errors call it.</param>
    /// <param name="identity">What tells these data from others, such as the hash of a file, so that a run does not go on with others; empty to compare only the number of rows.</param>
    /// <exception cref="InputException">No column can be read, or there is no row.</exception>
    public DataViewSource(IDataView view, string name = "the data view", string identity = "")
    {
        ArgumentNullException.ThrowIfNull(view);
        (_view, Name, _identity) = (view, name, identity);
        Columns = [.. view.Schema.Where(static c => !c.IsHidden && DataViewValues.CanRead(c.Type)).Select(static c => c.Name)];
        if (Columns.Count == 0)
            throw new InputException($"No column of {name} can be read; it has {string.Join(", ", view.Schema.Select(static c => $"{c.Name} ({c.Type})"))}.");
        Count = view.GetRowCount() ?? Rows(view);
        if (Count == 0) throw new InputException($"{name} has no row.");
        foreach (DataViewSchema.Column column in view.Schema.Where(static c => c.Type is KeyDataViewType && c.HasKeyValues()))
            _keyNames[column.Name] = DataViewValues.KeyNames(column);
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override string Folder => string.Empty;

    /// <inheritdoc/>
    public override long Count { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns { get; }

    /// <inheritdoc/>
    public override IEnumerable<(string Name, string Path)> Files => [];

    /// <inheritdoc/>
    protected override string Selection => $"{_identity} {Count} {string.Join(',', Columns)}";

    /// <inheritdoc/>
    public override IReadOnlyList<string>? LabelNames(string column) => _keyNames.GetValueOrDefault(column);

    /// <inheritdoc/>
    public override bool Has(string column) => Columns.Contains(column);

    /// <inheritdoc/>
    public override IReadOnlyList<object?[]> Read(IReadOnlyList<long> rows, IReadOnlyList<string> columns)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(columns);
        if (columns.FirstOrDefault(c => !Has(c)) is { } missing) throw NoColumn(missing);
        object?[][] result = new object?[rows.Count][];
        lock (_gate)
        {
            foreach (int i in Enumerable.Range(0, rows.Count).OrderBy(i => rows[i]))
            {
                ArgumentOutOfRangeException.ThrowIfNegative(rows[i]);
                ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rows[i], Count);
                result[i] = At(rows[i], columns);
            }
        }

        return result;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _pass?.Dispose();

    private object?[] At(long row, IReadOnlyList<string> columns)
    {
        if (_pass is null || !_pass.Columns.SequenceEqual(columns) || _pass.Row > row)
        {
            _pass?.Dispose();
            _pass = new Pass(_view, columns);
        }

        try
        {
            return _pass.MoveTo(row) ?? throw new InputException($"{Name} had {Count} rows and now ends before row {row}.");
        }
        catch (Exception exception) when (exception is not TrakException)
        {
            throw new InputException($"{Where(row)} cannot be read: {exception.Message.Split('\n')[0].TrimEnd('.', '\r')}.", exception);
        }
    }

    private static long Rows(IDataView view)
    {
        using DataViewRowCursor cursor = view.GetRowCursor([]);
        long count = 0;
        while (cursor.MoveNext()) count++;
        return count;
    }

    /// <summary>One pass over the view.</summary>
    private sealed class Pass : IDisposable
    {
        private readonly DataViewRowCursor _cursor;
        private readonly Func<object?>[] _getters;
        private object?[]? _values;

        public Pass(IDataView view, IReadOnlyList<string> columns)
        {
            Columns = [.. columns];
            DataViewSchema.Column[] active = [.. columns.Select(name => view.Schema[name])];
            _cursor = view.GetRowCursor(active);
            _getters = [.. active.Select(column => DataViewValues.Getter(_cursor, column))];
        }

        public IReadOnlyList<string> Columns { get; }

        public long Row { get; private set; } = -1;

        public object?[]? MoveTo(long row)
        {
            if (row == Row) return _values;
            while (Row < row)
            {
                if (!_cursor.MoveNext()) return null;
                Row++;
            }

            return _values = [.. _getters.Select(static get => get())];
        }

        public void Dispose() => _cursor.Dispose();
    }
}
