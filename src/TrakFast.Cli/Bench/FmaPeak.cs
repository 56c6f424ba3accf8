using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using TrakFast.Kernels;

namespace TrakFast.Cli.Bench;

/// <summary>What the processor's multipliers can do: the ceiling that every product is measured against.</summary>
internal static class FmaPeak
{
    private const int Rounds = 2_000_000;
    private const int Chains = 12;

    /// <summary>The fastest of several measurements, all threads at once.</summary>
    /// <returns>Operations a second; a fused multiply-add is two.</returns>
    public static double Measure(Workers workers)
    {
        double best = 0;
        for (int i = 0; i < 7; i++)
        {
            long start = Stopwatch.GetTimestamp();
            workers.Run(workers.Threads, 1, static (first, end) =>
            {
                for (long n = first; n < end; n++)
                {
                    // A result that nobody looks at need not be computed.
                    float result = Vector512.IsHardwareAccelerated ? Run512(n) : Vector256.IsHardwareAccelerated ? Run256(n) : Run128(n);
                    if (!float.IsFinite(result)) throw new InvalidOperationException($"The chains of multiply-adds ended at {result}.");
                }
            });
            int lanes = Vector512.IsHardwareAccelerated ? 16 : Vector256.IsHardwareAccelerated ? 8 : 4;
            best = Math.Max(best, 2.0 * Chains * Rounds * lanes * workers.Threads / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }

    // Twelve chains hide the latency of two multipliers. Named, because the JIT keeps named locals in registers.
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Run512(float seed)
    {
        Vector512<float> f = Vector512.Create(0.999f), s = Vector512.Create(seed);
        Vector512<float> a = s, b = s, c = s, d = s, e = s, g = s, h = s, i = s, j = s, k = s, l = s, m = s;
        for (int n = 0; n < Rounds; n++)
        {
            a = Vector512.FusedMultiplyAdd(a, f, f);
            b = Vector512.FusedMultiplyAdd(b, f, f);
            c = Vector512.FusedMultiplyAdd(c, f, f);
            d = Vector512.FusedMultiplyAdd(d, f, f);
            e = Vector512.FusedMultiplyAdd(e, f, f);
            g = Vector512.FusedMultiplyAdd(g, f, f);
            h = Vector512.FusedMultiplyAdd(h, f, f);
            i = Vector512.FusedMultiplyAdd(i, f, f);
            j = Vector512.FusedMultiplyAdd(j, f, f);
            k = Vector512.FusedMultiplyAdd(k, f, f);
            l = Vector512.FusedMultiplyAdd(l, f, f);
            m = Vector512.FusedMultiplyAdd(m, f, f);
        }

        return Vector512.Sum(a + b + c + d + e + g + h + i + j + k + l + m);
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Run256(float seed)
    {
        Vector256<float> f = Vector256.Create(0.999f), s = Vector256.Create(seed);
        Vector256<float> a = s, b = s, c = s, d = s, e = s, g = s, h = s, i = s, j = s, k = s, l = s, m = s;
        for (int n = 0; n < Rounds; n++)
        {
            a = Vector256.FusedMultiplyAdd(a, f, f);
            b = Vector256.FusedMultiplyAdd(b, f, f);
            c = Vector256.FusedMultiplyAdd(c, f, f);
            d = Vector256.FusedMultiplyAdd(d, f, f);
            e = Vector256.FusedMultiplyAdd(e, f, f);
            g = Vector256.FusedMultiplyAdd(g, f, f);
            h = Vector256.FusedMultiplyAdd(h, f, f);
            i = Vector256.FusedMultiplyAdd(i, f, f);
            j = Vector256.FusedMultiplyAdd(j, f, f);
            k = Vector256.FusedMultiplyAdd(k, f, f);
            l = Vector256.FusedMultiplyAdd(l, f, f);
            m = Vector256.FusedMultiplyAdd(m, f, f);
        }

        return Vector256.Sum(a + b + c + d + e + g + h + i + j + k + l + m);
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Run128(float seed)
    {
        Vector128<float> f = Vector128.Create(0.999f), s = Vector128.Create(seed);
        Vector128<float> a = s, b = s, c = s, d = s, e = s, g = s, h = s, i = s, j = s, k = s, l = s, m = s;
        for (int n = 0; n < Rounds; n++)
        {
            a = Vector128.FusedMultiplyAdd(a, f, f);
            b = Vector128.FusedMultiplyAdd(b, f, f);
            c = Vector128.FusedMultiplyAdd(c, f, f);
            d = Vector128.FusedMultiplyAdd(d, f, f);
            e = Vector128.FusedMultiplyAdd(e, f, f);
            g = Vector128.FusedMultiplyAdd(g, f, f);
            h = Vector128.FusedMultiplyAdd(h, f, f);
            i = Vector128.FusedMultiplyAdd(i, f, f);
            j = Vector128.FusedMultiplyAdd(j, f, f);
            k = Vector128.FusedMultiplyAdd(k, f, f);
            l = Vector128.FusedMultiplyAdd(l, f, f);
            m = Vector128.FusedMultiplyAdd(m, f, f);
        }

        return Vector128.Sum(a + b + c + d + e + g + h + i + j + k + l + m);
    }
}
