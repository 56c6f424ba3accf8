using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace TrakFast.Datasets;

/// <summary>The two passes of a resize, plain and vectorized; sums of integers, so that both give the same bytes.</summary>
internal static class ResizingPasses
{
    private const int Bits = ResamplingFilter.PrecisionBits;
    private const int Half = 1 << (Bits - 1);

    /// <summary>One row, plainly.</summary>
    /// <param name="source">[old pixels, channels].</param>
    /// <param name="channels">Channels of a pixel.</param>
    /// <param name="destination">[new pixels, channels].</param>
    /// <param name="filter">What each new pixel takes.</param>
    public static void Row(ReadOnlySpan<byte> source, int channels, Span<byte> destination, ResamplingFilter filter)
    {
        for (int x = 0, to = 0; x < filter.First.Length; x++)
        {
            ReadOnlySpan<int> weights = filter.Weights.AsSpan(x * filter.Taps, filter.Count[x]);
            for (int c = 0; c < channels; c++)
            {
                int sum = Half, from = (filter.First[x] * channels) + c;
                for (int k = 0; k < weights.Length; k++, from += channels) sum += source[from] * weights[k];
                destination[to++] = Clip(sum);
            }
        }
    }

    /// <summary>One row of three channels, which are summed side by side.</summary>
    /// <param name="source">[old pixels, 3] and at least one byte more.</param>
    /// <param name="destination">[new pixels, 3].</param>
    /// <param name="filter">What each new pixel takes.</param>
    public static void ColorRow(ReadOnlySpan<byte> source, Span<byte> destination, ResamplingFilter filter)
    {
        for (int x = 0; x < filter.First.Length; x++)
        {
            ReadOnlySpan<int> weights = filter.Weights.AsSpan(x * filter.Taps, filter.Count[x]);
            ref byte pixel = ref MemoryMarshal.GetReference(source.Slice(3 * filter.First[x], (3 * weights.Length) + 1));
            Vector128<int> sum = Vector128.Create(Half);
            for (int k = 0; k < weights.Length; k++)
            {
                Vector128<byte> four = Vector128.CreateScalarUnsafe(
                    Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref pixel, 3 * k))).AsByte();
                sum += Vector128.WidenLower(Vector128.WidenLower(four)).AsInt32() * weights[k];
            }

            sum = Vector128.Clamp(sum >> Bits, Vector128<int>.Zero, Vector128.Create(255));
            destination[3 * x] = (byte)sum[0];
            destination[(3 * x) + 1] = (byte)sum[1];
            destination[(3 * x) + 2] = (byte)sum[2];
        }
    }

    /// <summary>All columns.</summary>
    /// <param name="source">[old rows, stride].</param>
    /// <param name="stride">Bytes of a row.</param>
    /// <param name="destination">[new rows, stride].</param>
    /// <param name="filter">What each new row takes.</param>
    /// <param name="vectorized">Whether to sum eight bytes at a time.</param>
    public static void Columns(
        ReadOnlySpan<byte> source, int stride, Span<byte> destination, ResamplingFilter filter, bool vectorized)
    {
        for (int y = 0; y < filter.First.Length; y++)
        {
            ReadOnlySpan<int> weights = filter.Weights.AsSpan(y * filter.Taps, filter.Count[y]);
            ReadOnlySpan<byte> rows = source.Slice(filter.First[y] * stride, weights.Length * stride);
            Span<byte> row = destination.Slice(y * stride, stride);
            int done = vectorized ? Eights(rows, stride, row, weights) : 0;
            for (int x = done; x < stride; x++)
            {
                int sum = Half;
                for (int k = 0; k < weights.Length; k++) sum += rows[(k * stride) + x] * weights[k];
                row[x] = Clip(sum);
            }
        }
    }

    private static int Eights(ReadOnlySpan<byte> rows, int stride, Span<byte> row, ReadOnlySpan<int> weights)
    {
        ref byte from = ref MemoryMarshal.GetReference(rows);
        ref byte to = ref MemoryMarshal.GetReference(row);
        int x = 0;
        for (; x <= stride - 8; x += 8)
        {
            Vector256<int> sum = Vector256.Create(Half);
            for (int k = 0; k < weights.Length; k++)
            {
                Vector128<byte> eight = Vector128.CreateScalarUnsafe(
                    Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref from, (nint)(k * (long)stride) + x))).AsByte();
                Vector128<ushort> wide = Vector128.WidenLower(eight);
                sum += Vector256.Create(Vector128.WidenLower(wide), Vector128.WidenUpper(wide)).AsInt32() * weights[k];
            }

            sum = Vector256.Clamp(sum >> Bits, Vector256<int>.Zero, Vector256.Create(255));
            Vector128<short> narrow = Vector128.Narrow(sum.GetLower(), sum.GetUpper());
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref to, x), Vector128.Narrow(narrow.AsUInt16(), narrow.AsUInt16()).AsUInt64()[0]);
        }

        return x;
    }

    private static byte Clip(int sum) => (byte)Math.Clamp(sum >> Bits, 0, 255);
}
