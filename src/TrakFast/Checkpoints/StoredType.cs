using System.Buffers.Binary;
using System.Runtime.InteropServices;
using TrakFast.Kernels;

namespace TrakFast;

/// <summary>
/// A type of elements as files of weights have them. Those that <see cref="DataArray"/> does not know become the smallest one there
/// that holds every value of theirs exactly.
/// </summary>
/// <param name="Name">What errors call it.</param>
/// <param name="Size">Bytes of an element in the file.</param>
/// <param name="Type">The type it becomes.</param>
/// <param name="Convert">Makes an element of the one type from one of the other, both little-endian; null where they are the same.</param>
internal sealed record StoredType(string Name, int Size, ElementType Type, ElementConversion? Convert = null)
{
    /// <summary>The type of a safetensors file's word, or null.</summary>
    public static StoredType? OfSafetensors(string word) => word switch
    {
        "F32" => Of(word, ElementType.Float32),
        "F16" => Of(word, ElementType.Float16),
        "BF16" => Of(word, ElementType.BFloat16),
        "F64" => Of(word, ElementType.Float64),
        "I32" => Of(word, ElementType.Int32),
        "I64" => Of(word, ElementType.Int64),
        "U8" => Of(word, ElementType.UInt8),
        "I8" => Of(word, ElementType.Int8),
        "BOOL" => Of(word, ElementType.Bool),
        "I16" => new(word, 2, ElementType.Int32, FromInt16),
        "U16" => new(word, 2, ElementType.Int32, FromUInt16),
        "U32" => new(word, 4, ElementType.Int64, FromUInt32),
        "F8_E4M3" => new(word, 1, ElementType.Float16, FromE4M3),
        "F8_E5M2" => new(word, 1, ElementType.Float16, FromE5M2),
        _ => null,
    };

    /// <summary>The type of torch's word, as in <c>torch.float32</c> and, for storages, <c>FloatStorage</c>; or null.</summary>
    public static StoredType? OfTorch(string word) => word switch
    {
        "float32" or "float" or "FloatStorage" => Of("float32", ElementType.Float32),
        "float64" or "double" or "DoubleStorage" => Of("float64", ElementType.Float64),
        "float16" or "half" or "HalfStorage" => Of("float16", ElementType.Float16),
        "bfloat16" or "BFloat16Storage" => Of("bfloat16", ElementType.BFloat16),
        "int64" or "long" or "LongStorage" => Of("int64", ElementType.Int64),
        "int32" or "int" or "IntStorage" => Of("int32", ElementType.Int32),
        "int16" or "short" or "ShortStorage" => new("int16", 2, ElementType.Int32, FromInt16),
        "int8" or "CharStorage" => Of("int8", ElementType.Int8),
        "uint8" or "ByteStorage" => Of("uint8", ElementType.UInt8),
        "bool" or "BoolStorage" => Of("bool", ElementType.Bool),
        "uint16" => new(word, 2, ElementType.Int32, FromUInt16),
        "uint32" => new(word, 4, ElementType.Int64, FromUInt32),
        "float8_e4m3fn" => new(word, 1, ElementType.Float16, FromE4M3),
        "float8_e5m2" => new(word, 1, ElementType.Float16, FromE5M2),
        _ => null,
    };

    /// <summary>Makes an array of elements as the file has them; no bytes are copied where the types are the same.</summary>
    /// <param name="shape">Sizes of the axes.</param>
    /// <param name="bytes">The elements, row-major and little-endian.</param>
    public DataArray ToArray(IReadOnlyList<long> shape, ReadOnlyMemory<byte> bytes)
    {
        if (Convert is null) return new DataArray(Type, shape, bytes);
        int size = Type.Size();
        byte[] converted = new byte[checked(bytes.Length / Size * size)];
        ReadOnlySpan<byte> source = bytes.Span;
        for (int from = 0, to = 0; from < source.Length; from += Size, to += size)
            Convert(source.Slice(from, Size), converted.AsSpan(to, size));
        return new DataArray(Type, shape, converted);
    }

    private static StoredType Of(string name, ElementType type) => new(name, type.Size(), type);

    private static void FromInt16(ReadOnlySpan<byte> from, Span<byte> to) =>
        BinaryPrimitives.WriteInt32LittleEndian(to, BinaryPrimitives.ReadInt16LittleEndian(from));

    private static void FromUInt16(ReadOnlySpan<byte> from, Span<byte> to) =>
        BinaryPrimitives.WriteInt32LittleEndian(to, BinaryPrimitives.ReadUInt16LittleEndian(from));

    private static void FromUInt32(ReadOnlySpan<byte> from, Span<byte> to) =>
        BinaryPrimitives.WriteInt64LittleEndian(to, BinaryPrimitives.ReadUInt32LittleEndian(from));

    // Sign, 5 bits of exponent, 2 of mantissa: the upper byte of a float16.
    private static void FromE5M2(ReadOnlySpan<byte> from, Span<byte> to) => (to[0], to[1]) = (0, from[0]);

    // Sign, 4 bits of exponent with bias 7, 3 of mantissa; no infinity, and NaN only where all seven are set.
    private static void FromE4M3(ReadOnlySpan<byte> from, Span<byte> to)
    {
        int exponent = (from[0] >> 3) & 0xF, mantissa = from[0] & 7;
        double size = exponent == 0 ? mantissa / 512.0 : (1 + (mantissa / 8.0)) * Math.Pow(2, exponent - 7);
        Half value = (from[0] & 0x7F) == 0x7F ? Half.NaN : (Half)((from[0] & 0x80) != 0 ? -size : size);
        MemoryMarshal.Write(to, BitConverter.HalfToUInt16Bits(value));
    }
}

/// <summary>Makes an element of one type from an element of another, both little-endian.</summary>
/// <param name="from">The element as the file has it.</param>
/// <param name="to">Where the new one goes.</param>
internal delegate void ElementConversion(ReadOnlySpan<byte> from, Span<byte> to);
