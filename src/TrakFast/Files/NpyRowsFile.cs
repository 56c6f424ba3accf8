using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using TrakFast.Kernels;

namespace TrakFast;

/// <summary>
/// A matrix [n, w] in an NPY file, read and written by rows in place: what the <c>.mmap</c> files of a save directory
/// are. Rows pass as float32 whatever the file holds (float32, float16 or bfloat16). Offsets are 64-bit, nothing is
/// allocated for a call, and any number of threads may work on different rows at once.
/// </summary>
public sealed unsafe class NpyRowsFile : IDisposable
{
    private const int ChunkBytes = 1 << 17;
    private const int LargestWrite = 1 << 30;
    private readonly SafeFileHandle _file;
    private readonly long _dataOffset;
    private RowSums? _sums;

    private NpyRowsFile(string path, FileAccess access)
    {
        Path = path;
        _file = FileBytes.Open(path, access);
        try
        {
            NpyHeader header = NpyHeader.Read(_file, path, out _dataOffset);
            if (header.Shape.Count != 2) throw new SaveDirectoryException($"{path} holds {header}, where a matrix is wanted.");
            (Type, Rows, Width) = (header.Type, header.Shape[0], header.Shape[1]);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <summary>The file's path, as it was given.</summary>
    public string Path { get; }

    /// <summary>Type of the elements on disk.</summary>
    public ElementType Type { get; }

    /// <summary>Number of rows n.</summary>
    public long Rows { get; }

    /// <summary>Elements in a row, w.</summary>
    public long Width { get; }

    /// <summary>Creates a file of zeros, sparse where the file system allows it, and opens it for reading and writing.</summary>
    /// <param name="path">The file, which must not exist; its directory must.</param>
    /// <param name="type">Type of the elements on disk.</param>
    /// <param name="rows">Number of rows n.</param>
    /// <param name="width">Elements in a row, w.</param>
    /// <exception cref="SaveDirectoryException">The file exists or cannot be written.</exception>
    public static NpyRowsFile Create(string path, ElementType type, long rows, long width)
    {
        var header = new NpyHeader(type, [rows, width]);
        byte[] bytes = header.ToBytes();
        AtomicFile.Write(
            path,
            stream =>
            {
                stream.Write(bytes);
                stream.SetLength(checked(bytes.Length + header.DataBytes));
            },
            overwrite: false);
        return new NpyRowsFile(path, FileAccess.ReadWrite);
    }

    /// <summary>Opens an existing file, whatever its type and size.</summary>
    /// <param name="path">The file.</param>
    /// <param name="access">Whether rows are only read, or written too.</param>
    /// <exception cref="SaveDirectoryException">
    /// The file cannot be opened, or holds no matrix, or has not the length its header promises.
    /// </exception>
    public static NpyRowsFile Open(string path, FileAccess access = FileAccess.Read) => TypedErrors.As(
        () => new NpyRowsFile(path, access == FileAccess.Read ? access : FileAccess.ReadWrite),
        static (sentence, cause) => new SaveDirectoryException(sentence, cause));

    /// <summary>Opens an existing file that must hold a matrix of the given type and shape.</summary>
    /// <param name="path">The file.</param>
    /// <param name="type">Wanted type of the elements.</param>
    /// <param name="rows">Wanted number of rows n.</param>
    /// <param name="width">Wanted elements in a row, w.</param>
    /// <param name="access">Whether rows are only read, or written too.</param>
    /// <exception cref="SaveDirectoryException">As above, or the file holds something else.</exception>
    public static NpyRowsFile Open(string path, ElementType type, long rows, long width, FileAccess access = FileAccess.ReadWrite)
    {
        NpyRowsFile file = Open(path, access);
        if (file.Type == type && file.Rows == rows && file.Width == width) return file;
        file.Dispose();
        throw new SaveDirectoryException(
            $"{path} holds {file.Type} {Shapes.Text([file.Rows, file.Width])}, where {type} {Shapes.Text([rows, width])} is wanted.");
    }

    /// <summary>Reads rows as float32.</summary>
    /// <param name="start">First row.</param>
    /// <param name="destination">Receives [rows, w]; its length says how many rows.</param>
    /// <exception cref="SaveDirectoryException">The file cannot be read.</exception>
    public void ReadRows(long start, Span<float> destination)
    {
        fixed (float* pointer = destination) ReadRows(start, WholeRows(destination.Length), pointer);
    }

    /// <summary>Reads rows as float32 into native memory.</summary>
    /// <param name="start">First row.</param>
    /// <param name="count">Number of rows.</param>
    /// <param name="destination">Receives [count, w].</param>
    /// <exception cref="SaveDirectoryException">The file cannot be read.</exception>
    public void ReadRows(long start, long count, float* destination)
    {
        CheckFloat();
        CheckRange(start, count);
        long offset = Offset(start);
        long length = count * Width;
        if (Type == ElementType.Float32)
        {
            ReadBytes(start, offset, (byte*)destination, length * sizeof(float));
            return;
        }

        if (length == 0) return;
        int rowsAtOnce = RowsAtOnce;
        byte[] chunk = ArrayPool<byte>.Shared.Rent(checked((int)(rowsAtOnce * RowBytes)));
        for (long done = 0; done < count; done += rowsAtOnce)
        {
            int rows = (int)Math.Min(rowsAtOnce, count - done);
            Span<byte> bytes = chunk.AsSpan(0, (int)(rows * RowBytes));
            FileBytes.Read(_file, Path, offset + (done * RowBytes), bytes);
            Check(start + done, bytes);
            HalfPrecision.ToFloats(Type, bytes, new Span<float>(destination + (done * Width), (int)(rows * Width)));
        }

        ArrayPool<byte>.Shared.Return(chunk);
    }

    /// <summary>Writes float32 rows, rounded to the file's type.</summary>
    /// <param name="start">First row.</param>
    /// <param name="source">[rows, w]; its length says how many rows.</param>
    /// <exception cref="SaveDirectoryException">
    /// A finite value is too large for the file's type (then nothing is written), or the file cannot be written.
    /// </exception>
    public void WriteRows(long start, ReadOnlySpan<float> source)
    {
        fixed (float* pointer = source) WriteRows(start, WholeRows(source.Length), pointer);
    }

    /// <summary>Writes float32 rows from native memory, rounded to the file's type.</summary>
    /// <param name="start">First row.</param>
    /// <param name="count">Number of rows.</param>
    /// <param name="source">[count, w].</param>
    /// <exception cref="SaveDirectoryException">
    /// A finite value is too large for the file's type (then nothing is written), or the file cannot be written.
    /// </exception>
    public void WriteRows(long start, long count, float* source)
    {
        CheckFloat();
        CheckRange(start, count);
        long offset = Offset(start);
        long length = count * Width;
        if (Type == ElementType.Float32)
        {
            WriteBytes(start, offset, (byte*)source, length * sizeof(float));
            return;
        }

        const int Elements = ChunkBytes / 2;
        for (long done = 0; done < length; done += Elements)
            CheckOverflow(start, done, new ReadOnlySpan<float>(source + done, (int)Math.Min(Elements, length - done)));
        if (length == 0) return;
        int rowsAtOnce = RowsAtOnce;
        byte[] chunk = ArrayPool<byte>.Shared.Rent(checked((int)(rowsAtOnce * RowBytes)));
        for (long done = 0; done < count; done += rowsAtOnce)
        {
            int rows = (int)Math.Min(rowsAtOnce, count - done);
            Span<byte> bytes = chunk.AsSpan(0, (int)(rows * RowBytes));
            HalfPrecision.FromFloats(Type, new ReadOnlySpan<float>(source + (done * Width), (int)(rows * Width)), bytes);
            Sum(start + done, bytes);
            FileBytes.Write(_file, Path, offset + (done * RowBytes), bytes);
        }

        ArrayPool<byte>.Shared.Return(chunk);
    }

    /// <summary>Reads rows without converting them.</summary>
    /// <typeparam name="T">A type of the size of the file's elements.</typeparam>
    /// <param name="start">First row.</param>
    /// <param name="destination">Receives [rows, w]; its length says how many rows.</param>
    /// <exception cref="SaveDirectoryException">The file cannot be read.</exception>
    public void ReadElements<T>(long start, Span<T> destination)
        where T : unmanaged
    {
        CheckSize<T>();
        CheckRange(start, WholeRows(destination.Length));
        fixed (T* pointer = destination) ReadBytes(start, Offset(start), (byte*)pointer, (long)destination.Length * sizeof(T));
        if (Type == ElementType.Bool) TruthValues.Check(MemoryMarshal.AsBytes(destination), Path);
    }

    /// <summary>Writes rows without converting them.</summary>
    /// <typeparam name="T">A type of the size of the file's elements.</typeparam>
    /// <param name="start">First row.</param>
    /// <param name="source">[rows, w]; its length says how many rows.</param>
    /// <exception cref="SaveDirectoryException">The file cannot be written.</exception>
    public void WriteElements<T>(long start, ReadOnlySpan<T> source)
        where T : unmanaged
    {
        CheckSize<T>();
        CheckRange(start, WholeRows(source.Length));
        fixed (T* pointer = source) WriteBytes(start, Offset(start), (byte*)pointer, (long)source.Length * sizeof(T));
    }

    /// <summary>Waits until every row written so far lies on the disk.</summary>
    /// <exception cref="SaveDirectoryException">The disk refuses.</exception>
    public void Flush() => FileBytes.Flush(_file, Path);

    /// <inheritdoc/>
    public void Dispose()
    {
        _file.Dispose();
        _sums?.Dispose();
    }

    /// <summary>The rows' checksums, or null where the file has none.</summary>
    internal RowSums? Sums => _sums;

    private long RowBytes => Width * Type.Size();

    private int RowsAtOnce => (int)Math.Max(1, ChunkBytes / RowBytes);

    /// <summary>Has rows checked when they are read and summed when they are written, from now on.</summary>
    /// <param name="sums">The checksums, which then belong to the file.</param>
    internal NpyRowsFile With(RowSums sums)
    {
        _sums = sums;
        return this;
    }

    /// <summary>The first row from a row on that is not what was written, or −1; rows that never were do not count.</summary>
    internal long FirstDamaged(long from, CancellationToken cancellationToken = default)
    {
        if (_sums is null || RowBytes == 0) return -1;
        int rowsAtOnce = RowsAtOnce;
        byte[] chunk = new byte[rowsAtOnce * RowBytes];
        for (long start = from; start < Rows; start += rowsAtOnce)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int rows = (int)Math.Min(rowsAtOnce, Rows - start);
            Span<byte> bytes = chunk.AsSpan(0, (int)(rows * RowBytes));
            FileBytes.Read(_file, Path, Offset(start), bytes);
            for (int i = 0; i < rows; i++)
            {
                if (_sums.Has(start + i) && !_sums.Matches(start + i, bytes.Slice((int)(i * RowBytes), (int)RowBytes))) return start + i;
            }
        }

        return -1;
    }

    /// <summary>Refuses a file that was cut short since it was opened.</summary>
    internal void RequireLength()
    {
        long wanted = _dataOffset + (Rows * RowBytes), length = FileBytes.Length(_file, Path);
        if (length != wanted)
            throw new SaveDirectoryException(
                $"{Path} has {length} bytes, where {wanted} were before: something else changed it while it was written to.");
    }

    private void Sum(long row, ReadOnlySpan<byte> bytes)
    {
        if (_sums is null || RowBytes == 0) return;
        for (int at = 0; at < bytes.Length; at += (int)RowBytes) _sums.Set(row++, bytes.Slice(at, (int)RowBytes));
    }

    private void Check(long row, ReadOnlySpan<byte> bytes)
    {
        if (_sums is null || RowBytes == 0) return;
        for (int at = 0; at < bytes.Length; at += (int)RowBytes, row++)
        {
            if (!_sums.Matches(row, bytes.Slice(at, (int)RowBytes)))
                throw new SaveDirectoryException(
                    _sums.Has(row)
                        ? $"{Path} is damaged: row {row} is not what was written; {MarkedRows.Remedy(Path)}"
                        : $"Row {row} of {Path} was never written.");
        }
    }

    private void ReadBytes(long row, long offset, byte* destination, long length)
    {
        // Whole rows, so that each is checked where it was read.
        long atOnce = RowBytes == 0 ? LargestWrite : Math.Max(1, LargestWrite / RowBytes) * RowBytes;
        for (long done = 0; done < length; done += atOnce)
        {
            Span<byte> bytes = new(destination + done, checked((int)Math.Min(atOnce, length - done)));
            FileBytes.Read(_file, Path, offset + done, bytes);
            Check(row + (done / RowBytes), bytes);
        }
    }

    private void WriteBytes(long row, long offset, byte* source, long length)
    {
        if (_sums is not null)
        {
            for (long done = 0; done < length; done += RowBytes) Sum(row++, new ReadOnlySpan<byte>(source + done, checked((int)RowBytes)));
        }

        for (long done = 0; done < length; done += LargestWrite)
            FileBytes.Write(_file, Path, offset + done, new ReadOnlySpan<byte>(source + done, (int)Math.Min(LargestWrite, length - done)));
    }

    private long Offset(long row) => _dataOffset + (row * Width * Type.Size());

    private long WholeRows(int length)
    {
        if (Width == 0 ? length != 0 : length % Width != 0)
            throw new ArgumentException($"{length} elements are no whole number of rows of {Width} of {Path}.");
        return Width == 0 ? 0 : length / Width;
    }

    private void CheckRange(long start, long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Rows - start);
    }

    private void CheckFloat()
    {
        if (!HalfPrecision.Supports(Type))
            throw new SaveDirectoryException($"{Path} holds {Type}, where float32, float16 or bfloat16 is wanted.");
    }

    private void CheckSize<T>()
        where T : unmanaged
    {
        if (Unsafe.SizeOf<T>() != Type.Size())
            throw new ArgumentException($"{typeof(T).Name} has {Unsafe.SizeOf<T>()} bytes; the {Type} of {Path} have {Type.Size()}.");
    }

    private void CheckOverflow(long start, long done, ReadOnlySpan<float> values)
    {
        int index = HalfPrecision.FirstOverflow(Type, values);
        if (index < 0) return;
        string remedy = Type == ElementType.Float16 ? "choose precision bfloat16 or float32" : "choose precision float32";
        throw new SaveDirectoryException(
            $"Row {start + ((done + index) / Width)} of {Path} would hold {values[index]:R}, too large for {Type}; {remedy}.");
    }
}
