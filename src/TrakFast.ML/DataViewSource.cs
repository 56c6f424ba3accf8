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
/// which loads the data again unless the view is cached (<c>mlContext.Data.Cache</c>). Values are computed one after the other, and only
/// those that are asked for.
/// </remarks>
public sealed class DataViewSource : RowSource
{
    private readonly IDataView _view;
    private readonly DataViewSchema.Column[] _columns;
    private readonly Dictionary<string, IReadOnlyList<string>> _keyNames = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private string? _identity;
    private DataViewPass? _pass;

    /// <summary>Reads the rows of a data view, which must give the same rows in the same order each time.</summary>
    /// <param name="view">The view; its columns that are of no kind that is read are left out.</param>
    /// <param name="name">What errors call it.</param>
    /// <param name="identity">
    /// What tells these data from others, such as the hash of a file, so that a run does not go on with others; null to go through all
    /// values once for it, when it is asked for.
    /// </param>
    /// <exception cref="InputException">No column can be read, or there is no row.</exception>
    public DataViewSource(IDataView view, string name = "the data view", string? identity = null)
    {
        ArgumentNullException.ThrowIfNull(view);
        (_view, Name, _identity) = (view, name, identity);
        _columns = [.. view.Schema.Where(static c => !c.IsHidden && DataViewValues.CanRead(c.Type))];
        Columns = [.. _columns.Select(static c => c.Name)];
        if (_columns.Length == 0)
            throw new InputException($"No column of {name} can be read; it has {string.Join(", ", view.Schema.Select(static c => $"{c.Name} ({c.Type})"))}.");
        Count = Guard(name, () => view.GetRowCount() ?? Rows(view));
        if (Count == 0) throw new InputException($"{name} has no row.");
        foreach (DataViewSchema.Column column in _columns)
        {
            if (Guard(name, () => DataViewValues.KeyNames(column)) is { } names) _keyNames[column.Name] = names;
        }
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
    protected override string Selection => $"{_identity ??= ValueHash.Of(this)} {Count} {string.Join(',', Columns)}";

    /// <inheritdoc/>
    public override IReadOnlyList<string>? LabelNames(string column) => _keyNames.GetValueOrDefault(column);

    /// <inheritdoc/>
    public override bool Has(string column) => Columns.Contains(column);

    /// <inheritdoc/>
    public override IReadOnlyList<object?[]> Read(IReadOnlyList<long> rows, IReadOnlyList<string> columns)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(columns);
        int[] places = [.. columns.Select(Place)];
        object?[][] result = new object?[rows.Count][];
        lock (_gate)
        {
            foreach (int i in Enumerable.Range(0, rows.Count).OrderBy(i => rows[i]))
            {
                ArgumentOutOfRangeException.ThrowIfNegative(rows[i], nameof(rows));
                ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rows[i], Count, nameof(rows));
                result[i] = Guard(Where(rows[i]), () => At(rows[i], places));
            }
        }

        return result;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        lock (_gate) EndPass();
    }

    private int Place(string column) =>
        Array.FindIndex(_columns, own => own.Name == column) is >= 0 and int place ? place : throw NoColumn(column);

    private object?[] At(long row, int[] places)
    {
        bool isDone = false;
        try
        {
            if (_pass?.Row > row) EndPass();
            _pass ??= new DataViewPass(_view, _columns);
            if (!_pass.MoveTo(row)) throw new InputException($"{Name} had {Count} rows and now ends before row {row}.");
            object?[] values = [.. places.Select(_pass.Value)];
            isDone = true;
            return values;
        }
        finally
        {
            // Where a cursor stands that failed is not known.
            if (!isDone) EndPass();
        }
    }

    private void EndPass()
    {
        _pass?.Dispose();
        _pass = null;
    }

    // A view runs its user's code and that of any transform: whatever they throw is told as TrakFast tells of bad input.
    private static T Guard<T>(string where, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is not (TrakException or OperationCanceledException))
        {
            throw new InputException($"{where} cannot be read: {exception.GetBaseException().Message.Split('\n')[0].TrimEnd('.', '\r')}.", exception);
        }
    }

    private static long Rows(IDataView view)
    {
        using DataViewRowCursor cursor = view.GetRowCursor([]);
        long count = 0;
        while (cursor.MoveNext()) count++;
        return count;
    }
}
