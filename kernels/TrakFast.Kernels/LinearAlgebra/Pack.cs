using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TrakFast.Kernels;

/// <summary>Copies slices of matrices into the order in which a micro-kernel reads them.</summary>
internal static unsafe class Pack
{
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
        else Across(source, ld, count, stride, depth, target);
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
}
