using System.IO.Hashing;
using System.Text;
using TrakFast.Kernels;

namespace TrakFast;

/// <summary>
/// The checksums of a matrix' rows: a 64-bit XXH3 of each row's bytes as they lie in the file, kept beside it as
/// <c>NAME.sums</c>, an NPY file int64 [n, 1]. 0 says that the row was never written. A row's sum depends on its place and on
/// what the file is of, so that neither rows nor files can change places.
/// </summary>
internal sealed class RowSums : IDisposable
{
    private readonly NpyRowsFile _file;
    private readonly long[] _sums;
    private readonly ulong _seed;

    private RowSums(NpyRowsFile file, string identity, bool isNew)
    {
        _file = file;
        _seed = XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(identity));
        _sums = new long[checked((int)file.Rows)];
        if (!isNew) file.ReadElements<long>(0, _sums);
    }

    /// <summary>Path of the file.</summary>
    public string Path => _file.Path;

    /// <summary>Where the checksums of a file lie.</summary>
    public static string PathOf(string file) => $"{file}.sums";

    /// <summary>Makes the checksums of a new file.</summary>
    /// <param name="file">The file's path.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="identity">What it is of.</param>
    public static RowSums Create(string file, long rows, string identity)
    {
        string path = PathOf(file);
        File.Delete(path);
        return new RowSums(NpyRowsFile.Create(path, ElementType.Int64, rows, 1), identity, isNew: true);
    }

    /// <summary>Opens the checksums of a file.</summary>
    /// <param name="file">The file's path.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="identity">What it is of.</param>
    /// <param name="access">Whether they are only read.</param>
    /// <exception cref="SaveDirectoryException">They are missing, or are those of another file.</exception>
    public static RowSums Open(string file, long rows, string identity, FileAccess access)
    {
        NpyRowsFile sums = NpyRowsFile.Open(PathOf(file), ElementType.Int64, rows, 1, access);
        try
        {
            return new RowSums(sums, identity, isNew: false);
        }
        catch
        {
            sums.Dispose();
            throw;
        }
    }

    /// <summary>Whether a row was ever written.</summary>
    public bool Has(long row) => _sums[row] != 0;

    /// <summary>Takes over what a row is now; <see cref="Save"/> keeps it.</summary>
    public void Set(long row, ReadOnlySpan<byte> bytes) => _sums[row] = Sum(row, bytes);

    /// <summary>Forgets a row, in the file too.</summary>
    public void Clear(long row)
    {
        _sums[row] = 0;
        _file.WriteElements<long>(row, [0]);
    }

    /// <summary>Whether a row is what it was when it was written.</summary>
    public bool Matches(long row, ReadOnlySpan<byte> bytes) => _sums[row] == Sum(row, bytes);

    /// <summary>Writes the sums of some rows.</summary>
    public void Save(IReadOnlyList<long> rows)
    {
        foreach ((_, long row, int count) in RowRuns.Of(rows)) _file.WriteElements<long>(row, _sums.AsSpan((int)row, count));
    }

    /// <summary>Writes all sums and flushes them.</summary>
    public void SaveAll()
    {
        _file.WriteElements<long>(0, _sums);
        _file.Flush();
    }

    /// <summary>Waits until the sums that were saved lie on the disk.</summary>
    public void Flush() => _file.Flush();

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private long Sum(long row, ReadOnlySpan<byte> bytes)
    {
        long sum = (long)XxHash3.HashToUInt64(bytes, unchecked((long)(_seed + ((ulong)row * 0x9E3779B97F4A7C15))));
        return sum == 0 ? 1 : sum;
    }
}
