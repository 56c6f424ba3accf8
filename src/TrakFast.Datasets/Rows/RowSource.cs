using System.Security.Cryptography;
using System.Text;

namespace TrakFast.Datasets;

/// <summary>
/// Rows of things people have: a known number of them, of which any can be read at any time, from several threads at once. Values are
/// null, <see cref="string"/>, <see cref="bool"/>, <see cref="long"/>, <see cref="double"/>, <see cref="byte"/> arrays,
/// <see cref="PictureFile"/>, <see cref="Picture"/>, lists of values and dictionaries of values by name.
/// </summary>
public abstract class RowSource : IDisposable
{
    private const int MostNamed = 20, LookedAt = 100;
    private string? _fingerprint;

    /// <summary>What the source is, for people: its path as it was given.</summary>
    public abstract string Name { get; }

    /// <summary>The folder that paths in the rows are relative to.</summary>
    public virtual string Folder => Directory.Exists(Name) ? Name : Path.GetDirectoryName(Name) ?? string.Empty;

    /// <summary>Number of rows.</summary>
    public abstract long Count { get; }

    /// <summary>
    /// Names of the columns, in the order of the file. What lies in a structure is called <c>a.b</c> and is not among them.
    /// </summary>
    public abstract IReadOnlyList<string> Columns { get; }

    /// <summary>The columns' names, for sentences; of many the first.</summary>
    internal string ColumnNames => Columns.Count <= MostNamed
        ? string.Join(", ", Columns)
        : $"{string.Join(", ", Columns.Take(MostNamed))} and {Columns.Count - MostNamed} more";

    /// <summary>The files that the rows are read from, each with the name that it has in the source, wherever that lies.</summary>
    public abstract IEnumerable<(string Name, string Path)> Files { get; }

    /// <summary>Where a row stands, for sentences: <c>reviews.csv, row 17</c>.</summary>
    /// <param name="row">The row, from 0.</param>
    public virtual string Where(long row) => $"{Name}, row {row}";

    /// <summary>What the source itself calls the numbers of a column of labels; null where it gives no names.</summary>
    /// <param name="column">The column.</param>
    public virtual IReadOnlyList<string>? LabelNames(string column) => null;

    /// <summary>The columns' values of some rows.</summary>
    /// <param name="rows">The rows, from 0.</param>
    /// <param name="columns">The columns; <c>a.b</c> for what lies in a structure.</param>
    /// <returns>For each row, a value for each column.</returns>
    /// <exception cref="TrakException">There is no such column, or a row cannot be read.</exception>
    public abstract IReadOnlyList<object?[]> Read(IReadOnlyList<long> rows, IReadOnlyList<string> columns);

    /// <summary>The columns' values of one row.</summary>
    /// <param name="row">The row, from 0.</param>
    /// <param name="columns">The columns; <c>a.b</c> for what lies in a structure.</param>
    /// <exception cref="TrakException">There is no such column, or the row cannot be read.</exception>
    public object?[] Read(long row, params IReadOnlyList<string> columns) => Read([row], columns)[0];

    /// <summary>
    /// The first row that can be used, so that a damaged one at the beginning does not stand for all; where none of the first hundred can,
    /// the first one's sentence says why.
    /// </summary>
    /// <param name="use">Uses a row.</param>
    /// <exception cref="TrakException">No row can be used.</exception>
    internal T FirstUsable<T>(Func<long, T> use)
    {
        TrakException? first = null;
        for (long row = 0; row < Math.Min(Count, LookedAt); row++)
        {
            try
            {
                return use(row);
            }
            catch (TrakException exception)
            {
                first ??= exception;
            }
        }

        throw first!;
    }

    /// <summary>Whether there is a column of that name, or something of that path in a structure.</summary>
    public virtual bool Has(string column)
    {
        ArgumentNullException.ThrowIfNull(column);
        return Columns.Contains(column)
            || (column.IndexOf('.', StringComparison.Ordinal) is > 0 and int dot && Columns.Contains(column[..dot]));
    }

    /// <summary>
    /// SHA-256 over the files' names and bytes and the selection, its first 16 hex digits: where the files lie does not count.
    /// </summary>
    /// <exception cref="TrakException">A file cannot be read.</exception>
    public string Fingerprint() => _fingerprint ??= Compute();

    /// <summary>Sizes and times of writing of the files, to notice that one changed.</summary>
    /// <exception cref="TrakException">A file is gone.</exception>
    public string Stamp()
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach ((string name, string path) in Files)
        {
            FileInfo file = new(path);
            hash.AppendData(Encoding.UTF8.GetBytes(file.Exists
                ? $"{name}\n{file.Length} {file.LastWriteTimeUtc.Ticks}\n"
                : throw new InputException($"{path} is gone; it was there when the data were opened.")));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>What else than the files tells the rows from others: which of them are taken, and how they are cut.</summary>
    protected virtual string Selection => string.Empty;

    /// <summary>Closes the files.</summary>
    /// <param name="disposing">Always true.</param>
    protected virtual void Dispose(bool disposing)
    {
    }

    /// <summary>The sentence for a column that is not there.</summary>
    protected InputException NoColumn(string column) =>
        new($"{Name} has no column '{column}'; it has {ColumnNames}.");

    private string Compute()
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] room = new byte[1 << 20];
        foreach ((string name, string path) in Files)
        {
            try
            {
                using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.SequentialScan);
                hash.AppendData(Encoding.UTF8.GetBytes($"{name}\n{stream.Length}\n"));
                for (int got; (got = stream.Read(room)) > 0;) hash.AppendData(room, 0, got);
            }
            catch (Exception exception) when (FileAccessErrors.Covers(exception))
            {
                throw FileAccessErrors.Explain("read", path, exception);
            }
        }

        hash.AppendData(Encoding.UTF8.GetBytes(Selection));
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }
}
