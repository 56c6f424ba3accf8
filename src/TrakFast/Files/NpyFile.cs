using Microsoft.Win32.SafeHandles;
using TrakFast.Kernels;

namespace TrakFast;

/// <summary>
/// An NPY file open for reading, as a whole or by rows of its first axis. Its length is checked against its header when
/// it is opened, before anything is allocated for its elements. Any number of threads may read at once.
/// </summary>
public sealed class NpyFile : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly NpyHeader _header;
    private readonly long _dataOffset;
    private readonly DateTime _written;
    private readonly long _length;

    private NpyFile(string path)
    {
        Path = path;
        _file = FileBytes.Open(path, FileAccess.Read);
        try
        {
            _header = NpyHeader.Read(_file, path, out _dataOffset);
            (_written, _length) = (File.GetLastWriteTimeUtc(_file), FileBytes.Length(_file, path));
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <summary>The file's path, as it was given.</summary>
    public string Path { get; }

    /// <summary>Type of the elements.</summary>
    public ElementType Type => _header.Type;

    /// <summary>Sizes of the axes; empty for a scalar.</summary>
    public IReadOnlyList<long> Shape => _header.Shape;

    /// <summary>Where the elements begin, in bytes from the start of the file.</summary>
    internal long DataOffset => _dataOffset;

    /// <summary>Opens a file and checks its header against its length.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InputException">
    /// The file cannot be read, is no NPY file, or is shorter or longer than its header promises.
    /// </exception>
    public static NpyFile Open(string path) =>
        TypedErrors.As(() => new NpyFile(path), static (sentence, cause) => new InputException(sentence, cause));

    /// <summary>Reads a whole file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InputException">As for <see cref="Open"/> and <see cref="ReadAll"/>.</exception>
    public static DataArray Read(string path)
    {
        using NpyFile file = Open(path);
        return file.ReadAll();
    }

    /// <summary>Writes a file as a whole or not at all, with the bytes that NumPy would write.</summary>
    /// <param name="path">The file; one already there is replaced.</param>
    /// <param name="array">What to write; bfloat16 is written as <c>&lt;V2</c>.</param>
    /// <exception cref="TrakException">The file cannot be written.</exception>
    public static void Write(string path, DataArray array)
    {
        ArgumentNullException.ThrowIfNull(array);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(new NpyHeader(array.Type, array.Shape).ToBytes());
            stream.Write(array.Bytes);
        });
    }

    /// <summary>Reads every element.</summary>
    /// <exception cref="InputException">The elements take more than the 2 GiB of an array in memory, or cannot be read.</exception>
    public DataArray ReadAll() => Read(0, Shape, _header.DataBytes);

    /// <summary>Reads some rows of the first axis and nothing else.</summary>
    /// <param name="start">First row.</param>
    /// <param name="count">Number of rows.</param>
    /// <exception cref="InputException">The file holds a scalar, or the rows take more than 2 GiB, or cannot be read.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The rows are not all in the file.</exception>
    public DataArray ReadRows(long start, long count)
    {
        if (Shape.Count == 0) throw new InputException($"{Path} holds a scalar, which has no rows.");
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Shape[0] - start);
        long rowBytes = Shape[0] == 0 ? 0 : _header.DataBytes / Shape[0];
        return Read(start * rowBytes, [count, .. Shape.Skip(1)], count * rowBytes);
    }

    /// <summary>Reads the given rows of the first axis, in that order.</summary>
    /// <param name="rows">Their indices.</param>
    /// <exception cref="InputException">The file holds a scalar, or the rows take more than 2 GiB, or cannot be read.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A row is not in the file.</exception>
    public DataArray ReadRows(IReadOnlyList<long> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        DataArray[] runs = [.. RowRuns.Of(rows).Select(run => ReadRows(run.Row, run.Count))];
        if (runs.Length == 1) return runs[0];
        long length = runs.Sum(static run => (long)run.Bytes.Length);
        if (length > Array.MaxLength)
            throw new InputException(
                $"{Path} has {rows.Count} rows asked for at once, {length} bytes, "
                + $"more than the {Array.MaxLength} of an array in memory; read fewer.");
        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)length);
        int end = 0;
        foreach (DataArray run in runs)
        {
            run.Bytes.CopyTo(bytes.AsSpan(end));
            end += run.Bytes.Length;
        }

        return new DataArray(Type, [rows.Count, .. Shape.Skip(1)], bytes);
    }

    /// <summary>Reads the bytes of some rows into memory that is used again and again.</summary>
    /// <param name="start">First row.</param>
    /// <param name="destination">Whole rows of bytes.</param>
    internal void ReadRows(long start, Span<byte> destination)
    {
        FileBytes.Read(_file, Path, _dataOffset + (start * (_header.DataBytes / Shape[0])), destination);
        if (Type == ElementType.Bool) TruthValues.Check(destination, Path);
    }

    /// <summary>Refuses a file that was written to since it was opened.</summary>
    /// <exception cref="InputException">It was.</exception>
    internal void RequireUnchanged()
    {
        long length = FileBytes.Length(_file, Path);
        DateTime written = File.GetLastWriteTimeUtc(_file);
        if (length != _length || written != _written)
            throw new InputException(
                $"{Path} changed while it was read: it had {_length} bytes, written {_written:O}, and has {length}, written {written:O}. "
                + "What was made of it since cannot be trusted; start again in another save directory.");
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private DataArray Read(long offset, IReadOnlyList<long> shape, long length)
    {
        if (length > Array.MaxLength)
            throw new InputException(
                $"{Path} asks for {length} bytes of {Type} {Shapes.Text(shape)} at once, "
                + $"more than the {Array.MaxLength} of an array in memory; read fewer rows.");
        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)length);
        FileBytes.Read(_file, Path, _dataOffset + offset, bytes);
        RequireUnchanged();
        if (Type == ElementType.Bool) TruthValues.Check(bytes, Path);
        return new DataArray(Type, shape, bytes);
    }
}
