using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TrakFast.Kernels;

/// <summary>Copies slices of matrices into the order in which a micro-kernel reads them.</summary>
internal static unsafe class Pack
{
    /// <summary>
    /// Rows that are asked for ahead of the one that is dealt out: rows lie in different pages, where the processor does not look ahead.
    /// </summary>
    private const int PrefetchRows = 6;

    /// <summary>
    /// Packs a panel: target[d·stride + i] = element (i, d) for i &lt; count, d &lt; depth, and 0 for count ≤ i &lt; stride.
    /// Writes up to a vector beyond depth·stride where stride is less than a vector.
    /// </summary>
    /// <param name="strided">Whether i runs over rows of the source (element (i, d) at i·ld + d) or along them (d·ld + i).</param>
    /// <param name="source">Element (0, 0).</param>
    /// <param name="ld">Elements between rows of the source.</param>
    /// <param name="count">Lines in the panel.</param>
    /// <param name="stride">Elements between two depths of the packed panel.</param>
    /// <param name="depth">Depth of the panel.</param>
    /// <param name="target">Receives the panel.</param>
    public static void Panel<T>(bool strided, T* source, long ld, int count, int stride, int depth, T* target)
        where T : unmanaged
    {
        if (!strided) Along(source, ld, count, stride, depth, target);
        else if (typeof(T) == typeof(float) && Simd.Avx512) Across16((float*)source, ld, count, stride, depth, (float*)target);
        else if (typeof(T) == typeof(float) && Simd.Avx256) Across8((float*)source, ld, count, stride, depth, (float*)target);
        else if (typeof(T) == typeof(double) && Simd.Avx256) Across4((double*)source, ld, count, stride, depth, (double*)target);
        else Across(source, ld, count, stride, depth, target);
    }

    /// <summary>
    /// Packs whole panels side by side, <paramref name="columns"/> lines each, which lie along the rows of the source: a row is
    /// read in one stretch and dealt out, because short reads far apart defeat the processor's prefetching.
    /// </summary>
    /// <param name="source">Element (0, 0).</param>
    /// <param name="ld">Elements between rows of the source.</param>
    /// <param name="panels">Number of panels.</param>
    /// <param name="columns">Lines in a panel; whole vectors.</param>
    /// <param name="depth">Depth of the panels.</param>
    /// <param name="target">Receives the panels, columns · depth elements each.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Panels<T>(T* source, long ld, int panels, int columns, int depth, T* target)
        where T : unmanaged
    {
        nint bytes = columns * sizeof(T), apart = bytes * depth, step = (nint)ld * sizeof(T), ahead = PrefetchRows * step;
        byte* row = (byte*)source, to = (byte*)target;
        if (Simd.Avx512 && bytes == 128)
        {
            for (int d = 0; d < depth; d++, row += step, to += bytes)
            {
                byte* from = row, panel = to;
                for (int i = 0; i < panels; i++, from += bytes, panel += apart)
                {
                    Sse.Prefetch0(from + ahead);
                    Sse.Prefetch0(from + ahead + 64);
                    Vector512<byte> low = Vector512.Load(from), high = Vector512.Load(from + 64);
                    low.Store(panel);
                    high.Store(panel + 64);
                }
            }
        }
        else if (Simd.Vectors && bytes % 32 == 0)
        {
            for (int d = 0; d < depth; d++, row += step, to += bytes)
            {
                byte* from = row, panel = to;
                for (int i = 0; i < panels; i++, from += bytes, panel += apart)
                {
                    if (Sse.IsSupported) Sse.Prefetch0(from + ahead);
                    for (nint at = 0; at < bytes; at += 32) Vector256.Load(from + at).Store(panel + at);
                }
            }
        }
        else
        {
            for (int i = 0; i < panels; i++)
                Along(source + ((long)i * columns), ld, columns, columns, depth, target + ((long)i * columns * depth));
        }
    }

    /// <summary>Lines lie along the rows of the source: every depth is a plain copy.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Along<T>(T* source, long ld, int count, int stride, int depth, T* target)
        where T : unmanaged
    {
        int width = Vector128<T>.Count;
        if (typeof(T) == typeof(float) && Simd.Avx512 && count == 32 && stride == 32)
        {
            for (int d = 0; d < depth; d++, source += ld, target += 32)
            {
                Vector512<T> low = Vector512.Load(source), high = Vector512.Load(source + 16);
                low.Store(target);
                high.Store(target + 16);
            }
        }
        else if (typeof(T) == typeof(float) && Simd.Avx256 && count is > 4 and <= 8 && stride == count && ld >= 8 && depth > 1)
        {
            // Whole vectors: what they read beyond a line lies in the next row, and what they write beyond it is written
            // again, so the last line is taken as it is.
            for (int d = 0; d < depth - 1; d++, source += ld, target += stride) Vector256.Load(source).Store(target);
            Along(source, ld, count, stride, 1, target);
        }
        else if (Simd.Vectors && stride == count && count >= 2 * width && count <= 4 * width)
        {
            // Two vectors, which overlap, for every line.
            int second = count - (2 * width);
            for (int d = 0; d < depth; d++, source += ld, target += stride)
            {
                Vector256<T> low = Vector256.Load(source), high = Vector256.Load(source + second);
                low.Store(target);
                high.Store(target + second);
            }
        }
        else if (Simd.Vectors && count >= width)
        {
            // The last vector overlaps the one before it, so that nothing beyond the line is read.
            for (int d = 0; d < depth; d++, source += ld, target += stride)
            {
                int i = 0;
                for (; i <= count - width; i += width) Vector128.Load(source + i).Store(target + i);
                if (i < count) Vector128.Load(source + count - width).Store(target + count - width);
                for (i = count; i < stride; i++) target[i] = default;
            }
        }
        else
        {
            for (int d = 0; d < depth; d++, source += ld, target += stride)
            {
                int i = 0;
                for (; i < count; i++) target[i] = source[i];
                for (; i < stride; i++) target[i] = default;
            }
        }
    }

    /// <summary>Lines are rows of the source: a transposition.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Across<T>(T* source, long ld, int count, int stride, int depth, T* target)
        where T : unmanaged
    {
        // Eight depths at a time, so that a cache line of the source is used up while it is at hand.
        for (int d0 = 0; d0 < depth; d0 += 8)
        {
            int d1 = Math.Min(depth, d0 + 8);
            for (int i = 0; i < stride; i++)
            {
                T* line = source + (i * ld);
                for (int d = d0; d < d1; d++) target[((long)d * stride) + i] = i < count ? line[d] : default;
            }
        }
    }

    /// <summary>The transposition in 16 × 16 blocks held in registers.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Across16(float* source, long ld, int count, int stride, int depth, float* target)
    {
        for (int i = 0; i < stride; i += 16)
        {
            int lines = Math.Clamp(count - i, 0, 16);
            float* from = source + (i * ld);
            int d = 0;
            for (; d <= depth - 16; d += 16) Transpose16.Run(from + d, (nint)ld, lines, target + ((long)d * stride) + i, stride);

            // The last block overlaps the one before it; blocks ascend, so what a vector writes too much is written again.
            if (d < depth && depth >= 16)
            {
                Transpose16.Run(from + depth - 16, (nint)ld, lines, target + ((depth - 16L) * stride) + i, stride);
                continue;
            }

            for (; d < depth; d++)
            {
                float* to = target + ((long)d * stride) + i;
                for (int q = 0; q < Math.Min(16, stride - i); q++) to[q] = q < lines ? from[(q * ld) + d] : 0;
            }
        }
    }

    /// <summary>The transposition of float32 in 8 × 8 blocks held in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Across8(float* source, long ld, int count, int stride, int depth, float* target)
    {
        if (depth < 8)
        {
            Across(source, ld, count, stride, depth, target);
            return;
        }

        for (int next = 0; next < stride; next += 8)
        {
            // The last block of lines, and of depths, overlaps the one before it. Depths ascend, so that what is written
            // beyond a stride under 8 is written again.
            int i = Math.Max(0, Math.Min(next, stride - 8)), lines = count - i;
            float* row = source + (i * ld), to = target + i;
            for (int d = 0; ; d = Math.Min(d + 8, depth - 8))
            {
                TransposeLines.Run(row + d, (nint)ld, lines, to + ((nint)d * stride), stride);
                if (d == depth - 8) break;
            }
        }
    }

    /// <summary>The transposition of float64 in 4 × 4 blocks held in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Across4(double* source, long ld, int count, int stride, int depth, double* target)
    {
        if (depth < 4)
        {
            Across(source, ld, count, stride, depth, target);
            return;
        }

        for (int next = 0; next < stride; next += 4)
        {
            int i = Math.Max(0, Math.Min(next, stride - 4)), lines = count - i;
            double* row = source + (i * ld), to = target + i;
            for (int d = 0; ; d = Math.Min(d + 4, depth - 4))
            {
                TransposeLines.Run(row + d, (nint)ld, lines, to + ((nint)d * stride), stride);
                if (d == depth - 4) break;
            }
        }
    }
}
