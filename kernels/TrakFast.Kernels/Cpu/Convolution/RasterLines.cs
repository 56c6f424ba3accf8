using System.Runtime.CompilerServices;

namespace TrakFast.Kernels;

/// <summary>Moves lines between tensors and a stretch of a batch's raster.</summary>
internal static unsafe class RasterLines
{
    /// <summary>
    /// Where some lines of the raster begin in a tensor whose examples are <paramref name="exampleStep"/> apart; −1 for none.
    /// </summary>
    public static void Locate(int[] places, long first, int count, int batch, long exampleStep, nint* table)
    {
        (long example, long line) = Math.DivRem(first, places.Length);
        for (int i = 0; i < count; i++)
        {
            table[i] = example < batch && places[line] >= 0 ? (nint)((example * exampleStep) + places[line]) : -1;
            if (++line < places.Length) continue;
            line = 0;
            example++;
        }
    }

    /// <summary>Writes the lines of some channels, zeros for those that have none; the borders must be zero already.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Fill(
        ConvolutionRaster raster, float* input, nint* table, int lines, int channels, long channelStep, float* target, long stride)
    {
        int width = raster.Width, pitch = raster.Pitch;
        target += raster.Left;
        for (int c = 0; c < channels; c++, input += channelStep, target += stride)
        {
            float* to = target;
            for (int i = 0; i < lines; i++, to += pitch)
            {
                if (table[i] >= 0) ShortCopy.Run(input + table[i], to, width);
                else new Span<float>(to, width).Clear();
            }
        }
    }

    /// <summary>
    /// target[q·step + c] = source[c·stride + q] for up to 16 channels c;
    /// may write 16 floats from each target + q·step, in ascending order.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transpose(float* source, long stride, int channels, int positions, float* target, long step)
    {
        if (channels == 1 && step == 1)
        {
            Buffer.MemoryCopy(source, target, positions * sizeof(float), positions * sizeof(float));
            return;
        }

        if (Simd.Avx512)
        {
            // Whole blocks: the raster and the target both have room for the last one.
            for (int q = 0; q < positions; q += 16) Transpose16.Run(source + q, (nint)stride, channels, target + (q * step), (nint)step);
            return;
        }

        for (int q = 0; q < positions; q++)
        {
            for (int c = 0; c < channels; c++) target[(q * step) + c] = source[(c * stride) + q];
        }
    }
}
