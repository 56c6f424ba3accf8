using System.Security.Cryptography;
using System.Text;

namespace TrakFast.Datasets;

/// <summary>
/// A source's rows as examples: fields make the arrays of a batch. Rows are read when they are asked for, several at once; what is made of
/// them, pixels and tokens, is kept as far as the memory goes that is allowed, so that a second pass need not decode again.
/// </summary>
public sealed class SourceDataset : ExampleSet
{
    // Rows whose values are read from the source at once.
    private const int BlockRows = 256;
    private readonly RowSource _source;
    private readonly IReadOnlyList<ExampleField> _fields;
    private readonly string[] _columns;
    private readonly ParallelOptions _threads;
    private readonly PreparedExample[]?[] _kept;
    private long _room;
    private readonly string _stamp;

    /// <summary>Makes a source's rows examples.</summary>
    /// <param name="source">The source, which the set owns from then on.</param>
    /// <param name="fields">They make the arrays.</param>
    /// <param name="options">Threads and memory; null for the defaults.</param>
    /// <exception cref="TrakException">The source lacks a column that a field reads, or two fields make the same array.</exception>
    public SourceDataset(RowSource source, IReadOnlyList<ExampleField> fields, SourceDatasetOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(fields);
        options ??= new SourceDatasetOptions();
        (_source, _fields, _room) = (source, fields, options.KeptBytes);
        _threads = new ParallelOptions { MaxDegreeOfParallelism = options.Threads };
        _columns = [.. fields.SelectMany(static f => f.Columns).Distinct()];
        if (_columns.FirstOrDefault(c => !source.Has(c)) is { } missing)
            throw new InputException($"{source.Name} has no column '{missing}'; it has {source.ColumnNames}.");
        Names = [.. fields.SelectMany(static f => f.Arrays).Select(static a => a.Name)];
        if (Names.GroupBy(static n => n).FirstOrDefault(static g => g.Count() > 1) is { Key: { } twice })
            throw new InputException($"The array '{twice}' would be made twice.");
        _kept = new PreparedExample[]?[source.Count];
        _stamp = source.Stamp();
    }

    /// <summary>The rows.</summary>
    public RowSource Source => _source;

    /// <summary>What makes the arrays.</summary>
    public IReadOnlyList<ExampleField> Fields => _fields;

    /// <inheritdoc/>
    public override long Count => _source.Count;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Names { get; }

    /// <inheritdoc/>
    public override Batch Read(long start, long count) => Read([.. Enumerable.Range(0, checked((int)count)).Select(i => start + i)]);

    /// <inheritdoc/>
    public override Batch Read(IReadOnlyList<long> rows) => Make(_fields, rows);

    /// <inheritdoc/>
    public override IEnumerable<(long First, Batch Arrays)> Blocks(IReadOnlyCollection<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        if (names.FirstOrDefault(name => !Names.Contains(name)) is { } missing)
            throw new InputException($"There is no array '{missing}'; there are {string.Join(", ", Names)}.");
        ExampleField[] fields = [.. _fields.Where(f => f.Arrays.Any(a => names.Contains(a.Name)))];
        if (fields.Length == 0) yield break;
        for (long start = 0; start < Count; start += BlockRows)
        {
            long[] rows = [.. Enumerable.Range(0, (int)Math.Min(BlockRows, Count - start)).Select(i => start + i)];
            yield return (start, Make(fields, rows));
        }
    }

    /// <inheritdoc/>
    public override void Check(IProgress<long>? progress = null, CancellationToken cancellationToken = default) =>
        Look(static (_, exception) => throw exception, progress, cancellationToken);

    /// <summary>Finds the rows that cannot be read: damaged pictures, missing labels.</summary>
    /// <param name="progress">Told how many rows were looked at.</param>
    /// <param name="cancellationToken">Stops between rows.</param>
    /// <returns>The rows in order, each with the sentence that says why.</returns>
    public IReadOnlyList<(long Row, string Reason)> FindDamaged(IProgress<long>? progress = null,
        CancellationToken cancellationToken = default)
    {
        List<(long Row, string Reason)> damaged = [];
        Look((row, exception) => damaged.Add((row, exception.Message)), progress, cancellationToken);
        return damaged;
    }

    /// <summary>
    /// The values of a column, row by row. Rows that cannot be read are passed over: they are refused when they are used.
    /// </summary>
    internal static IEnumerable<object?> Column(RowSource source, string column)
    {
        for (long start = 0; start < source.Count; start += BlockRows)
        {
            long[] rows = [.. Enumerable.Range(0, (int)Math.Min(BlockRows, source.Count - start)).Select(i => start + i)];
            foreach (object?[]? values in Values(source, rows, [column], static (_, _) => { }))
            {
                if (values is not null) yield return values[0];
            }
        }
    }

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, string Path, string Hash)> Hashes(IReadOnlyCollection<string>? names = null)
    {
        if (names is null || names.Contains("source")) yield return ("source", _source.Name, _source.Fingerprint());
        foreach (ExampleField field in _fields)
        {
            foreach (FieldArray array in field.Arrays.Where(a => names is null || names.Contains(a.Name)))
            {
                byte[] identity = Encoding.UTF8.GetBytes($"{_source.Fingerprint()}\n{array}\n{field.Identity}");
                yield return (array.Name, _source.Name, Convert.ToHexStringLower(SHA256.HashData(identity))[..16]);
            }
        }
    }

    /// <inheritdoc/>
    protected override void RequireUnchangedFiles()
    {
        if (_source.Stamp() != _stamp)
            throw new InputException(
                $"{_source.Name} changed while it was read. What was made of it cannot be trusted; start again in another save directory.");
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _source.Dispose();

    private Batch Make(IReadOnlyList<ExampleField> fields, IReadOnlyList<long> rows)
    {
        PreparedExample[][] prepared = Prepare(rows, static (_, exception) => throw exception)!;
        byte[][][] arrays = [.. fields.Select(f => f.Arrays.Select(a => new byte[checked(rows.Count * a.Bytes)]).ToArray())];
        int[] places = [.. fields.Select(f => _fields.ToList().IndexOf(f))];
        Parallel.For(0, rows.Count, _threads, i =>
        {
            for (int f = 0; f < fields.Count; f++) fields[f].Write(prepared[i][places[f]], i, arrays[f]);
        });
        return new Batch(fields.SelectMany((field, f) => field.Arrays.Select((array, a) =>
            KeyValuePair.Create(array.Name, new DataArray(array.Type, [rows.Count, .. array.Shape], arrays[f][a])))));
    }

    /// <summary>Prepares rows, on several threads; those that fail are given to the callback, in order, and left null.</summary>
    private PreparedExample[][] Prepare(IReadOnlyList<long> rows, Action<long, TrakException> fail)
    {
        PreparedExample[]?[] result = new PreparedExample[]?[rows.Count];
        List<int> missing = [];
        for (int i = 0; i < rows.Count; i++)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(rows[i]);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rows[i], Count);
            result[i] = _kept[rows[i]];
            if (result[i] is null) missing.Add(i);
        }

        if (missing.Count == 0) return result!;
        TrakException?[] failures = new TrakException?[rows.Count];
        object?[]?[] values =
            Values(_source, [.. missing.Select(i => rows[i])], _columns, (at, exception) => failures[missing[at]] = exception);
        Parallel.For(0, missing.Count, _threads, at =>
        {
            int i = missing[at];
            if (values[at] is not { } row) return;
            try
            {
                result[i] = Prepare(row, _source.Where(rows[i]));
                Keep(rows[i], result[i]!);
            }
            catch (TrakException exception)
            {
                failures[i] = exception;
            }
        });
        for (int i = 0; i < rows.Count; i++)
        {
            if (failures[i] is { } exception) fail(rows[i], exception);
        }

        return result!;
    }

    // A row that cannot be read spoils those that are read with it; then each is read alone.
    private static object?[]?[] Values(
        RowSource source, IReadOnlyList<long> rows, IReadOnlyList<string> columns, Action<int, TrakException> fail)
    {
        try
        {
            return [.. source.Read(rows, columns)];
        }
        catch (TrakException) when (rows.Count > 1)
        {
            object?[]?[] values = new object?[]?[rows.Count];
            for (int i = 0; i < rows.Count; i++) values[i] = Values(source, [rows[i]], columns, (_, exception) => fail(i, exception))[0];
            return values;
        }
        catch (TrakException exception)
        {
            fail(0, exception);
            return [null];
        }
    }

    private PreparedExample[] Prepare(object?[] values, string where)
    {
        PreparedExample[] prepared = new PreparedExample[_fields.Count];
        for (int f = 0; f < _fields.Count; f++)
        {
            object?[] own = [.. _fields[f].Columns.Select(c => values[Array.IndexOf(_columns, c)])];
            prepared[f] = _fields[f].Prepare(own, where);
        }

        return prepared;
    }

    private void Keep(long row, PreparedExample[] prepared)
    {
        long bytes = prepared.Sum(static p => p.Bytes) + 64;
        if (Interlocked.Add(ref _room, -bytes) >= 0) _kept[row] = prepared;
        else Interlocked.Add(ref _room, bytes);
    }

    private void Look(Action<long, TrakException> fail, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        for (long start = 0; start < Count; start += BlockRows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            long count = Math.Min(BlockRows, Count - start);
            Prepare([.. Enumerable.Range(0, (int)count).Select(i => start + i)], fail);
            progress?.Report(start + count);
        }
    }
}
