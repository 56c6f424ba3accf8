namespace TrakFast.Datasets;

/// <summary>Sources with the same columns, one after the other.</summary>
public sealed class ConcatenatedSource : RowSource
{
    private readonly IReadOnlyList<RowSource> _parts;
    private readonly long[] _starts;

    /// <summary>Joins sources, which it owns from then on.</summary>
    /// <param name="name">What to call them together.</param>
    /// <param name="parts">The sources, in order.</param>
    /// <exception cref="InputException">There is none, or one lacks a column that the first has.</exception>
    public ConcatenatedSource(string name, IReadOnlyList<RowSource> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        if (parts.Count == 0) throw new InputException($"{name} holds no data.");
        (Name, _parts) = (name, parts);
        foreach (RowSource part in parts)
        {
            if (parts[0].Columns.FirstOrDefault(c => !part.Columns.Contains(c)) is { } missing)
                throw new InputException($"{part.Name} has no column '{missing}', which {parts[0].Name} has.");
        }

        _starts = new long[parts.Count + 1];
        for (int i = 0; i < parts.Count; i++) _starts[i + 1] = _starts[i] + parts[i].Count;
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override long Count => _starts[^1];

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns => _parts[0].Columns;

    /// <inheritdoc/>
    public override IEnumerable<(string Name, string Path)> Files =>
        _parts.SelectMany(static (part, i) => part.Files.Select(file => ($"{i} {file.Name}", file.Path)));

    /// <inheritdoc/>
    public override string Where(long row) => At(row) is var (part, inner) ? _parts[part].Where(inner) : base.Where(row);

    /// <inheritdoc/>
    public override IReadOnlyList<string>? LabelNames(string column) => _parts[0].LabelNames(column);

    /// <inheritdoc/>
    public override bool Has(string column) => _parts[0].Has(column);

    /// <inheritdoc/>
    public override IReadOnlyList<object?[]> Read(IReadOnlyList<long> rows, IReadOnlyList<string> columns)
    {
        ArgumentNullException.ThrowIfNull(rows);
        object?[][] result = new object?[rows.Count][];
        foreach (IGrouping<int, int> group in Enumerable.Range(0, rows.Count).GroupBy(i => At(rows[i]).Part))
        {
            int[] places = [.. group];
            IReadOnlyList<object?[]> read = _parts[group.Key].Read([.. places.Select(i => rows[i] - _starts[group.Key])], columns);
            for (int i = 0; i < places.Length; i++) result[places[i]] = read[i];
        }

        return result;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        foreach (RowSource part in _parts) part.Dispose();
    }

    private (int Part, long Row) At(long row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Count);
        int part = Array.BinarySearch(_starts, row);
        if (part < 0) part = ~part - 1;
        while (_starts[part + 1] == row) part++;
        return (part, row - _starts[part]);
    }
}
