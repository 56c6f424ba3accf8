using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TrakFast.Kernels;

/// <summary>
/// Transpositions from memory to memory through 256-bit registers: 8 × 8 of float32, 4 × 4 of float64. Each half of a register is loaded on
/// its own, so that what is left to do stays inside 128-bit lanes. AVX only.
/// </summary>
internal static unsafe class TransposeLines
{
    /// <summary>
    /// target[j·targetStep + i] = source[i·sourceStep + j] for 8 columns j and <paramref name="lines"/> rows i, at most 8; the
    /// other rows read as 0. Writes 8 elements for each j, in ascending order of j, so a targetStep under 8 overwrites the excess.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run(float* source, nint sourceStep, int lines, float* target, nint targetStep)
    {
        float* s4 = source + (4 * sourceStep);
        for (int j = 0; j < 8; j += 4, source += 4, s4 += 4)
        {
            Vector128<float> zero = default;
            Vector256<float> a = Vector256.Create(lines > 0 ? Vector128.Load(source) : zero, lines > 4 ? Vector128.Load(s4) : zero);
            Vector256<float> b = Vector256.Create(
                lines > 1 ? Vector128.Load(source + sourceStep) : zero, lines > 5 ? Vector128.Load(s4 + sourceStep) : zero);
            Vector256<float> c = Vector256.Create(
                lines > 2 ? Vector128.Load(source + (2 * sourceStep)) : zero, lines > 6 ? Vector128.Load(s4 + (2 * sourceStep)) : zero);
            Vector256<float> d = Vector256.Create(
                lines > 3 ? Vector128.Load(source + (3 * sourceStep)) : zero, lines > 7 ? Vector128.Load(s4 + (3 * sourceStep)) : zero);
            Transpose8.InLanes(ref a, ref b, ref c, ref d);
            a.Store(target);
            b.Store(target + targetStep);
            c.Store(target + (2 * targetStep));
            d.Store(target + (3 * targetStep));
            target += 4 * targetStep;
        }
    }

    /// <summary>The same for 4 columns and at most 4 rows of float64; writes 4 elements for each column.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run(double* source, nint sourceStep, int lines, double* target, nint targetStep)
    {
        for (int j = 0; j < 4; j += 2, source += 2)
        {
            Vector128<double> zero = default;
            Vector256<double> a = Vector256.Create(
                lines > 0 ? Vector128.Load(source) : zero, lines > 2 ? Vector128.Load(source + (2 * sourceStep)) : zero);
            Vector256<double> b = Vector256.Create(
                lines > 1 ? Vector128.Load(source + sourceStep) : zero, lines > 3 ? Vector128.Load(source + (3 * sourceStep)) : zero);
            Avx.UnpackLow(a, b).Store(target);
            Avx.UnpackHigh(a, b).Store(target + targetStep);
            target += 2 * targetStep;
        }
    }
}
