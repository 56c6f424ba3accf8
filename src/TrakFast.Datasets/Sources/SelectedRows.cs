namespace TrakFast.Datasets;

/// <summary>Some rows of a source, such as those that are not damaged.</summary>
public sealed class SelectedRows : RowSource
{
    private readonly RowSource _source;
    private readonly long[] _rows;

    /// <summary>Selects rows of a source, which it owns from then on.</summary>
    /// <param name="source">The source.</param>
    /// <param name="rows">The rows that are kept, in order.</param>
    public SelectedRows(RowSource source, IEnumerable<long> rows) => (_source, _rows) = (source, [.. rows]);

    /// <summary>All rows of a source but some; the source is owned from then on.</summary>
    /// <param name="source">The source.</param>
    /// <param name="leftOut">The rows that are left out.</param>
    public static SelectedRows Without(RowSource source, IEnumerable<long> leftOut)
    {
        ArgumentNullException.ThrowIfNull(source);
        HashSet<long> gone = [.. leftOut];
        return new SelectedRows(source, Rows(source.Count).Where(row => !gone.Contains(row)));
    }

    /// <inheritdoc/>
    public override string Name => _source.Name;

    /// <inheritdoc/>
    public override long Count => _rows.Length;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns => _source.Columns;

    /// <inheritdoc/>
    public override IEnumerable<(string Name, string Path)> Files => _source.Files;

    /// <inheritdoc/>
    public override string Where(long row) => _source.Where(_rows[row]);

    /// <inheritdoc/>
    public override IReadOnlyList<string>? LabelNames(string column) => _source.LabelNames(column);

    /// <inheritdoc/>
    public override bool Has(string column) => _source.Has(column);

    /// <inheritdoc/>
    public override IReadOnlyList<object?[]> Read(IReadOnlyList<long> rows, IReadOnlyList<string> columns)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return _source.Read([.. rows.Select(row => _rows[row])], columns);
    }

    /// <inheritdoc/>
    protected override string Selection => string.Join(',', _rows);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _source.Dispose();

    private static IEnumerable<long> Rows(long count)
    {
        for (long row = 0; row < count; row++) yield return row;
    }
}
