using System.Buffers.Binary;
using System.Text;
using Microsoft.Win32.SafeHandles;
using TrakFast.Kernels;

namespace TrakFast;

/// <summary>
/// The header of an NPY file, as in NumPy's <c>numpy.lib.format</c>: a magic number, a version, and a Python dictionary
/// with element type, axis order and shape. Versions 1.0, 2.0 and 3.0 are read; 1.0 is written.
/// </summary>
/// <remarks>
/// Read are little-endian <c>f2 f4 f8 i4 i8</c>, <c>i1 u1 b1</c>, and <c>V2</c> as bfloat16 (what ml_dtypes makes NumPy
/// write for it). Big-endian, other widths, structured types and Fortran order (where it makes a difference) are refused.
/// </remarks>
internal sealed class NpyHeader
{
    private const int LongestText = 1 << 16;
    private const int MostAxes = 64;

    /// <summary>Describes an array.</summary>
    /// <param name="type">Element type.</param>
    /// <param name="shape">Sizes of the axes; empty for a scalar.</param>
    /// <exception cref="ArgumentException">A size is negative, there are more than 64 axes, or the bytes exceed 64 bits.</exception>
    public NpyHeader(ElementType type, IReadOnlyList<long> shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        Type = type;
        Shape = [.. shape];
        DataBytes = Bytes(type, Shape)
            ?? throw new ArgumentException($"No NPY file holds {type} {Shapes.Text(shape)}.", nameof(shape));
    }

    /// <summary>Element type.</summary>
    public ElementType Type { get; }

    /// <summary>Sizes of the axes; empty for a scalar.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>Bytes of the elements, which follow the header.</summary>
    public long DataBytes { get; }

    /// <summary>
    /// The header's bytes in version 1.0, as NumPy writes them: room for the first axis to grow to 21 digits, then
    /// padded with spaces to a multiple of 64.
    /// </summary>
    public byte[] ToBytes()
    {
        string axes = Shape.Count == 1 ? $"({Shape[0]},)" : $"({string.Join(", ", Shape)})";
        string text = $"{{'descr': '{NpyTypes.Text(Type)}', 'fortran_order': False, 'shape': {axes}, }}";
        if (Shape.Count > 0) text = text.PadRight(text.Length + 21 - Shape[0].ToString().Length);
        int unpadded = 10 + text.Length + 1;
        byte[] bytes = new byte[unpadded + 64 - (unpadded % 64)];
        bytes.AsSpan().Fill((byte)' ');
        "_NUMPY\u0001\0"u8.CopyTo(bytes);
        bytes[0] = 0x93;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), (ushort)(bytes.Length - 10));
        Encoding.ASCII.GetBytes(text, bytes.AsSpan(10));
        bytes[^1] = (byte)'\n';
        return bytes;
    }

    /// <summary>
    /// Reads the header at the start of a file and holds the file's length against it, before anything is allocated for the elements.
    /// </summary>
    /// <param name="file">The open file.</param>
    /// <param name="path">What errors call it.</param>
    /// <param name="dataOffset">Receives where the elements begin.</param>
    /// <exception cref="TrakException">The header is not readable, or the file is shorter or longer than it promises.</exception>
    internal static NpyHeader Read(SafeFileHandle file, string path, out long dataOffset)
    {
        long fileLength = FileBytes.Length(file, path);
        Span<byte> start = stackalloc byte[12];
        start = start[..(int)Math.Min(fileLength, start.Length)];
        FileBytes.Read(file, path, 0, start);
        if (start.Length < 10)
            throw new TrakException($"{path} is not an NPY file: it has {fileLength} bytes, and the shortest header has 10.");
        if (start[0] != 0x93 || !start[1..6].SequenceEqual("NUMPY"u8))
            throw new TrakException(
                FileKind.Recognize(path) is { } kind ? $"{path} {kind}." : $"{path} is not an NPY file: it does not begin with \\x93NUMPY.");
        (int major, int minor) = (start[6], start[7]);
        if (major is < 1 or > 3 || minor != 0)
            throw new TrakException($"{path} is NPY version {major}.{minor}; 1.0, 2.0 and 3.0 are read.");
        if (major > 1 && start.Length < 12)
            throw new TrakException($"{path} is cut short: it has {fileLength} bytes, and an NPY {major}.0 header has at least 12.");

        int prefix = major == 1 ? 10 : 12;
        long textLength = major == 1
            ? BinaryPrimitives.ReadUInt16LittleEndian(start[8..])
            : BinaryPrimitives.ReadUInt32LittleEndian(start[8..]);
        if (textLength > LongestText)
            throw new TrakException($"{path} says its NPY header has {textLength} bytes; at most {LongestText} are read.");
        dataOffset = prefix + textLength;
        if (dataOffset > fileLength)
            throw new TrakException($"{path} is cut short: it has {fileLength} bytes, and its NPY header alone takes {dataOffset}.");

        byte[] text = new byte[textLength];
        FileBytes.Read(file, path, prefix, text);
        NpyHeader header = Parse(text, path);
        if (header.DataBytes > fileLength - dataOffset)
            throw new TrakException(
                $"{path} is cut short: {header} takes {header.DataBytes} bytes after the header, "
                + $"and the file has {fileLength - dataOffset}.");
        if (header.DataBytes < fileLength - dataOffset)
            throw new TrakException(
                $"{path} is too long: {header} takes {header.DataBytes} bytes after the header, "
                + $"and the file has {fileLength - dataOffset}.");
        return header;
    }

    /// <summary>Reads the dictionary.</summary>
    /// <param name="text">The header's text, without magic number, version and length.</param>
    /// <param name="path">What errors call the file.</param>
    /// <exception cref="TrakException">The text is not an NPY header, or describes an array that is not read.</exception>
    internal static NpyHeader Parse(ReadOnlySpan<byte> text, string path)
    {
        var (typeText, fortranOrder, shape) = new NpyHeaderParser(text, path).Parse();
        ElementType type = NpyTypes.Parse(typeText, path);
        if (Bytes(type, shape) is null)
            throw new TrakException($"{path} promises an array of shape {Shapes.Text(shape)}, which no file can hold.");
        if (fortranOrder && shape.Count(static size => size != 1) > 1)
            throw new TrakException(
                $"{path} holds {Shapes.Text(shape)} in Fortran order; save it in C order, with numpy.ascontiguousarray.");
        return new NpyHeader(type, shape);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Type} {Shapes.Text(Shape)}";

    private static long? Bytes(ElementType type, IReadOnlyList<long> shape)
    {
        if (shape.Count > MostAxes) return null;
        long bytes = type.Size();
        foreach (long size in shape)
        {
            if (size < 0) return null;
            UInt128 product = (UInt128)(ulong)bytes * (ulong)size;
            if (product > long.MaxValue - LongestText - 12) return null;
            bytes = (long)product;
        }

        return bytes;
    }
}
