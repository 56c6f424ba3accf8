using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TrakFast.Kernels;

/// <summary>A 16 × 16 transposition of float32 in registers: 4 × 4 inside each 128-bit lane, then the lanes. AVX-512 only.</summary>
internal static unsafe class Transpose16
{
    /// <summary>
    /// target[j·targetStep + i] = source[i·sourceStep + j] for 16 columns j and <paramref name="lines"/> ≤ 16 rows i; the other
    /// rows read as 0. Writes 16 elements for each j, in ascending order of j, so a targetStep under 16 overwrites the excess.
    /// </summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(float* source, nint sourceStep, int lines, float* target, nint targetStep)
    {
        Vector512<float>* t = stackalloc Vector512<float>[16];
        Load(source, sourceStep, lines, t);
        for (int j = 0; j < 16; j++) t[j].Store(target + (j * targetStep));
    }

    /// <summary>
    /// columns[j] lane i = source[i·sourceStep + j] for 16 columns and <paramref name="lines"/> ≤ 16 rows; the other lanes are 0.
    /// </summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(float* source, nint sourceStep, int lines, Vector512<float>* columns)
    {
        Vector512<float> zero = default;
        float* s4 = source + (4 * sourceStep), s8 = s4 + (4 * sourceStep), s12 = s8 + (4 * sourceStep);
        Vector512<float> r0 = lines > 0 ? Vector512.Load(source) : zero, r1 = lines > 1 ? Vector512.Load(source + sourceStep) : zero;
        Vector512<float> r2 = lines > 2 ? Vector512.Load(source + (2 * sourceStep)) : zero,
            r3 = lines > 3 ? Vector512.Load(source + (3 * sourceStep)) : zero;
        Vector512<float> r4 = lines > 4 ? Vector512.Load(s4) : zero, r5 = lines > 5 ? Vector512.Load(s4 + sourceStep) : zero;
        Vector512<float> r6 = lines > 6 ? Vector512.Load(s4 + (2 * sourceStep)) : zero,
            r7 = lines > 7 ? Vector512.Load(s4 + (3 * sourceStep)) : zero;
        Vector512<float> r8 = lines > 8 ? Vector512.Load(s8) : zero, r9 = lines > 9 ? Vector512.Load(s8 + sourceStep) : zero;
        Vector512<float> r10 = lines > 10 ? Vector512.Load(s8 + (2 * sourceStep)) : zero,
            r11 = lines > 11 ? Vector512.Load(s8 + (3 * sourceStep)) : zero;
        Vector512<float> r12 = lines > 12 ? Vector512.Load(s12) : zero, r13 = lines > 13 ? Vector512.Load(s12 + sourceStep) : zero;
        Vector512<float> r14 = lines > 14 ? Vector512.Load(s12 + (2 * sourceStep)) : zero,
            r15 = lines > 15 ? Vector512.Load(s12 + (3 * sourceStep)) : zero;

        Quarter(ref r0, ref r1, ref r2, ref r3);
        Quarter(ref r4, ref r5, ref r6, ref r7);
        Quarter(ref r8, ref r9, ref r10, ref r11);
        Quarter(ref r12, ref r13, ref r14, ref r15);
        Quarters(ref r0, ref r4, ref r8, ref r12);
        Quarters(ref r1, ref r5, ref r9, ref r13);
        Quarters(ref r2, ref r6, ref r10, ref r14);
        Quarters(ref r3, ref r7, ref r11, ref r15);
        (columns[0], columns[1], columns[2], columns[3]) = (r0, r1, r2, r3);
        (columns[4], columns[5], columns[6], columns[7]) = (r4, r5, r6, r7);
        (columns[8], columns[9], columns[10], columns[11]) = (r8, r9, r10, r11);
        (columns[12], columns[13], columns[14], columns[15]) = (r12, r13, r14, r15);
    }

    /// <summary>Transposes the 4 × 4 matrix in every 128-bit lane of four rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Quarter(ref Vector512<float> a, ref Vector512<float> b, ref Vector512<float> c, ref Vector512<float> d)
    {
        Vector512<double> x = Avx512F.UnpackLow(a, b).AsDouble(), y = Avx512F.UnpackHigh(a, b).AsDouble();
        Vector512<double> z = Avx512F.UnpackLow(c, d).AsDouble(), w = Avx512F.UnpackHigh(c, d).AsDouble();
        a = Avx512F.UnpackLow(x, z).AsSingle();
        b = Avx512F.UnpackHigh(x, z).AsSingle();
        c = Avx512F.UnpackLow(y, w).AsSingle();
        d = Avx512F.UnpackHigh(y, w).AsSingle();
    }

    /// <summary>
    /// Transposes the 128-bit lanes of four vectors: from row q of each <see cref="Quarter"/> to columns q, q + 4, q + 8 and q + 12.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Quarters(ref Vector512<float> a, ref Vector512<float> b, ref Vector512<float> c, ref Vector512<float> d)
    {
        Vector512<float> ab0 = Avx512F.Shuffle4x128(a, b, 0x44), ab1 = Avx512F.Shuffle4x128(a, b, 0xEE);
        Vector512<float> cd0 = Avx512F.Shuffle4x128(c, d, 0x44), cd1 = Avx512F.Shuffle4x128(c, d, 0xEE);
        a = Avx512F.Shuffle4x128(ab0, cd0, 0x88);
        b = Avx512F.Shuffle4x128(ab0, cd0, 0xDD);
        c = Avx512F.Shuffle4x128(ab1, cd1, 0x88);
        d = Avx512F.Shuffle4x128(ab1, cd1, 0xDD);
    }
}
