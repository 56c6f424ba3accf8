using System.Runtime.InteropServices;
using TrakFast.Kernels;

namespace TrakFast;

/// <summary>A dense row-major array in managed memory: its element type, its shape and its bytes, little-endian.</summary>
public sealed class DataArray
{
    private readonly ReadOnlyMemory<byte> _bytes;

    /// <summary>Wraps bytes without copying them.</summary>
    /// <param name="type">Element type.</param>
    /// <param name="shape">Sizes of the axes; empty for a scalar.</param>
    /// <param name="bytes">Row-major little-endian elements.</param>
    /// <exception cref="ArgumentException">The bytes are not as many as the shape promises.</exception>
    public DataArray(ElementType type, IReadOnlyList<long> shape, ReadOnlyMemory<byte> bytes)
    {
        ArgumentNullException.ThrowIfNull(shape);
        Type = type;
        Shape = [.. shape];
        Length = Shapes.Count(Shape);
        if (bytes.Length != Length * type.Size())
            throw new ArgumentException(
                $"{bytes.Length} bytes given for {type} {Shapes.Text(Shape)}, which takes {Length * type.Size()}.", nameof(bytes));
        _bytes = bytes;
    }

    /// <summary>Element type.</summary>
    public ElementType Type { get; }

    /// <summary>Sizes of the axes; empty for a scalar.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>Number of elements.</summary>
    public long Length { get; }

    /// <summary>The elements' bytes.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.Span;

    /// <summary>Copies float32 values of the given shape.</summary>
    public static DataArray From(ReadOnlySpan<float> values, params long[] shape) => Copy(ElementType.Float32, values, shape);

    /// <summary>Copies float64 values of the given shape.</summary>
    public static DataArray From(ReadOnlySpan<double> values, params long[] shape) => Copy(ElementType.Float64, values, shape);

    /// <summary>Copies float16 values of the given shape.</summary>
    public static DataArray From(ReadOnlySpan<Half> values, params long[] shape) => Copy(ElementType.Float16, values, shape);

    /// <summary>Copies int64 values of the given shape.</summary>
    public static DataArray From(ReadOnlySpan<long> values, params long[] shape) => Copy(ElementType.Int64, values, shape);

    /// <summary>Copies int32 values of the given shape.</summary>
    public static DataArray From(ReadOnlySpan<int> values, params long[] shape) => Copy(ElementType.Int32, values, shape);

    /// <summary>Copies int8 values of the given shape.</summary>
    public static DataArray From(ReadOnlySpan<sbyte> values, params long[] shape) => Copy(ElementType.Int8, values, shape);

    /// <summary>Copies uint8 values of the given shape.</summary>
    public static DataArray From(ReadOnlySpan<byte> values, params long[] shape) => Copy(ElementType.UInt8, values, shape);

    /// <summary>Copies truth values of the given shape.</summary>
    public static DataArray From(ReadOnlySpan<bool> values, params long[] shape) => Copy(ElementType.Bool, values, shape);

    /// <summary>Copies bfloat16 values of the given shape, each the upper half of a float32's bits.</summary>
    public static DataArray FromBFloat16(ReadOnlySpan<ushort> bits, params long[] shape) => Copy(ElementType.BFloat16, bits, shape);

    /// <summary>
    /// Elements of type <typeparamref name="T"/>, which must be the array's own: <see cref="Half"/> for float16,
    /// <see cref="ushort"/> for the bits of bfloat16.
    /// </summary>
    /// <exception cref="InputException">
    /// The array's elements are of another type; <see cref="ToFloats"/> and <see cref="ToLongs"/> convert.
    /// </exception>
    public ReadOnlySpan<T> Values<T>()
        where T : unmanaged
    {
        bool fits = Type switch
        {
            ElementType.Float32 => typeof(T) == typeof(float),
            ElementType.Float64 => typeof(T) == typeof(double),
            ElementType.Float16 => typeof(T) == typeof(Half),
            ElementType.BFloat16 => typeof(T) == typeof(ushort),
            ElementType.Int64 => typeof(T) == typeof(long),
            ElementType.Int32 => typeof(T) == typeof(int),
            ElementType.Int8 => typeof(T) == typeof(sbyte),
            ElementType.UInt8 => typeof(T) == typeof(byte),
            ElementType.Bool => typeof(T) == typeof(bool),
            _ => false,
        };
        return fits
            ? MemoryMarshal.Cast<byte, T>(Bytes)
            : throw new InputException($"An array of {Type} {Shapes.Text(Shape)} was asked for values of {typeof(T).Name}.");
    }

    /// <summary>The same elements under another shape.</summary>
    public DataArray Reshape(params long[] shape) => new(Type, shape, _bytes);

    /// <summary>
    /// Rows <paramref name="start"/> to <paramref name="start"/> + <paramref name="count"/> of the first axis, without copying.
    /// </summary>
    public DataArray Rows(long start, long count)
    {
        long rowBytes = Shape[0] == 0 ? 0 : Bytes.Length / Shape[0];
        return new DataArray(
            Type, [count, .. Shape.Skip(1)], _bytes.Slice(checked((int)(start * rowBytes)), checked((int)(count * rowBytes))));
    }

    /// <summary>The given rows of the first axis, copied in that order.</summary>
    public DataArray Rows(IReadOnlyList<long> rows)
    {
        int rowBytes = Shape[0] == 0 ? 0 : checked((int)(Bytes.Length / Shape[0]));
        byte[] picked = new byte[checked(rowBytes * rows.Count)];
        for (int i = 0; i < rows.Count; i++)
            Bytes.Slice(checked((int)(rows[i] * rowBytes)), rowBytes).CopyTo(picked.AsSpan(i * rowBytes));
        return new DataArray(Type, [rows.Count, .. Shape.Skip(1)], picked);
    }

    /// <summary>Converts every element to float32; integers and truth values become numbers.</summary>
    public float[] ToFloats()
    {
        float[] result = new float[Length];
        CopyTo(result);
        return result;
    }

    /// <summary>Converts every element to float32 into <paramref name="destination"/>.</summary>
    public void CopyTo(Span<float> destination)
    {
        switch (Type)
        {
            case ElementType.Float32 or ElementType.Float16 or ElementType.BFloat16:
                HalfPrecision.ToFloats(Type, Bytes, destination);
                break;
            case ElementType.Float64: Each<double>(destination, static v => (float)v); break;
            case ElementType.Int32: Each<int>(destination, static v => v); break;
            case ElementType.Int64: Each<long>(destination, static v => v); break;
            case ElementType.Int8: Each<sbyte>(destination, static v => v); break;
            default: Each<byte>(destination, static v => v); break;
        }
    }

    /// <summary>Converts every element of an integer or truth-value array to int64.</summary>
    /// <exception cref="InputException">The array holds floating-point numbers.</exception>
    public long[] ToLongs()
    {
        long[] result = new long[Length];
        switch (Type)
        {
            case ElementType.Int64: Values<long>().CopyTo(result); break;
            case ElementType.Int32: Each<int>(result, static v => v); break;
            case ElementType.Int8: Each<sbyte>(result, static v => v); break;
            case ElementType.UInt8 or ElementType.Bool: Each<byte>(result, static v => v); break;
            default: throw new InputException($"An array of {Type} {Shapes.Text(Shape)} stands where whole numbers are wanted.");
        }

        return result;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Type} {Shapes.Text(Shape)}";

    private static DataArray Copy<T>(ElementType type, ReadOnlySpan<T> values, long[] shape)
        where T : unmanaged => new(type, shape, MemoryMarshal.AsBytes(values).ToArray());

    private void Each<T>(Span<float> destination, Func<T, float> convert)
        where T : unmanaged
    {
        ReadOnlySpan<T> values = MemoryMarshal.Cast<byte, T>(Bytes);
        for (int i = 0; i < values.Length; i++) destination[i] = convert(values[i]);
    }

    private void Each<T>(Span<long> destination, Func<T, long> convert)
        where T : unmanaged
    {
        ReadOnlySpan<T> values = MemoryMarshal.Cast<byte, T>(Bytes);
        for (int i = 0; i < values.Length; i++) destination[i] = convert(values[i]);
    }
}
