using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using TrakFast.Kernels;

namespace TrakFast;

/// <summary>Converts float32 to and from the floating-point types of files; rounds to nearest, ties to even.</summary>
internal static class HalfPrecision
{
    // The smallest magnitudes that round to infinity: half a step above the largest finite value
    // (bits 7F7F8000 for bfloat16).
    private const float Float16Overflow = 65520f;
    private const float BFloat16Overflow = 3.39617752923046e38f;

    /// <summary>Whether floats can be stored as this type here.</summary>
    public static bool Supports(ElementType type) =>
        type is ElementType.Float32 or ElementType.Float16 or ElementType.BFloat16;

    /// <summary>Converts stored elements to float32.</summary>
    public static void ToFloats(ElementType type, ReadOnlySpan<byte> source, Span<float> destination)
    {
        switch (type)
        {
            case ElementType.Float32: source.CopyTo(MemoryMarshal.AsBytes(destination)); break;
            case ElementType.Float16: TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(source), destination); break;
            default: FromBFloat16(MemoryMarshal.Cast<byte, ushort>(source), MemoryMarshal.Cast<float, uint>(destination)); break;
        }
    }

    /// <summary>Converts float32 to the stored type; infinities and NaNs stay what they are.</summary>
    public static void FromFloats(ElementType type, ReadOnlySpan<float> source, Span<byte> destination)
    {
        switch (type)
        {
            case ElementType.Float32: MemoryMarshal.AsBytes(source).CopyTo(destination); break;
            case ElementType.Float16: TensorPrimitives.ConvertToHalf(source, MemoryMarshal.Cast<byte, Half>(destination)); break;
            default: ToBFloat16(MemoryMarshal.Cast<float, uint>(source), MemoryMarshal.Cast<byte, ushort>(destination)); break;
        }
    }

    /// <summary>Index of the first finite value that the type would turn into infinity; −1 if there is none.</summary>
    public static int FirstOverflow(ElementType type, ReadOnlySpan<float> values)
    {
        if (type == ElementType.Float32) return -1;
        float limit = type == ElementType.Float16 ? Float16Overflow : BFloat16Overflow;
        int i = 0;
        var (low, infinity) = (new Vector<float>(limit), new Vector<float>(float.PositiveInfinity));
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> magnitude = Vector.Abs(new Vector<float>(values[i..]));
            if (Vector.GreaterThanOrEqualAny(magnitude, low)
                && (Vector.GreaterThanOrEqual(magnitude, low) & Vector.LessThan(magnitude, infinity)) != Vector<int>.Zero) break;
        }

        // The vector that holds one, or what is left behind the last whole vector.
        for (; i < values.Length; i++)
        {
            if (MathF.Abs(values[i]) is var magnitude && magnitude >= limit && magnitude < float.PositiveInfinity) return i;
        }

        return -1;
    }

    private static void FromBFloat16(ReadOnlySpan<ushort> source, Span<uint> destination)
    {
        int i = 0;
        for (; i <= source.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector.Widen(new Vector<ushort>(source[i..]), out Vector<uint> low, out Vector<uint> high);
            (low << 16).CopyTo(destination[i..]);
            (high << 16).CopyTo(destination[(i + Vector<uint>.Count)..]);
        }

        for (; i < source.Length; i++) destination[i] = (uint)source[i] << 16;
    }

    private static void ToBFloat16(ReadOnlySpan<uint> source, Span<ushort> destination)
    {
        int i = 0;
        for (; i <= source.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            var low = new Vector<uint>(source[i..]);
            var high = new Vector<uint>(source[(i + Vector<uint>.Count)..]);
            Vector.Narrow(Upper(low), Upper(high)).CopyTo(destination[i..]);
        }

        for (; i < source.Length; i++)
        {
            uint bits = source[i];
            bool isNaN = (bits & 0x7FFFFFFF) > 0x7F800000;
            destination[i] = (ushort)(isNaN ? (bits >> 16) | 0x40 : (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
        }
    }

    // The upper 16 bits of each lane after rounding; a NaN is made quiet instead, since rounding could make it infinite.
    private static Vector<uint> Upper(Vector<uint> bits)
    {
        Vector<uint> rounded = (bits + new Vector<uint>(0x7FFF) + ((bits >>> 16) & Vector<uint>.One)) >>> 16;
        Vector<uint> quiet = (bits >>> 16) | new Vector<uint>(0x40);
        Vector<uint> isNaN = Vector.GreaterThan(bits & new Vector<uint>(0x7FFFFFFF), new Vector<uint>(0x7F800000));
        return Vector.ConditionalSelect(isNaN, quiet, rounded);
    }
}
