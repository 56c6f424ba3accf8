using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TrakFast.Kernels;

/// <summary>
/// The AVX-512 micro-kernel: 14 rows by two vectors of C, 28 accumulators, two loads of B and one broadcast of A in
/// flight fill the 32 registers. 15 rows spill; fewer leave the multipliers idle.
/// The accumulators are named, one by one, because the JIT keeps named locals in registers and an array in memory
/// (42 % of the speed). One body serves every number of rows: the tests of TRows.Count are constants to the JIT, which
/// drops the rows that are not there. Every element of C is one chain of fused multiply-adds in the order of depth
/// whatever the number of rows, which is what makes products independent of how C is cut.
/// </summary>
internal readonly unsafe struct GemmKernel512<T> : IGemmKernel<T>
    where T : unmanaged, System.Numerics.INumber<T>
{
    public static int Rows => 14;

    public static int Columns => 2 * Vector512<T>.Count;

    public static int Depth => 2048 / sizeof(T);

    public static int RowPanels => 20;

    public static void Run(int rows, nint depth, T* a, nint aStep, T* b, nint bStep, T* c, nint cStep, bool accumulate) =>
        Run<Steps.Even>(rows, depth, a, aStep, b, bStep, c, cStep, accumulate);

    public static void RunRows(int rows, nint depth, T* a, nint aRow, T* b, nint bStep, T* c, nint cStep, bool accumulate) =>
        Run<Steps.Apart>(rows, depth, a, aRow, b, bStep, c, cStep, accumulate);

    public static void RunAt(int rows, nint depth, T* a, nint aStep, T* b, nint* bOffsets, T* c, nint cStep, bool accumulate) =>
        Run<Steps.Listed>(rows, depth, a, aStep, b, (nint)bOffsets, c, cStep, accumulate);

    private static void Run<TSteps>(int rows, nint depth, T* a, nint aStep, T* b, nint bSteps, T* c, nint cStep, bool accumulate)
        where TSteps : struct, IDepthSteps
    {
        switch (rows)
        {
            case 1: Multiply<Rows.One, TSteps>(depth, a, aStep, b, bSteps, c, cStep, accumulate); break;
            case 2: Multiply<Rows.Two, TSteps>(depth, a, aStep, b, bSteps, c, cStep, accumulate); break;
            case 3: Multiply<Rows.Three, TSteps>(depth, a, aStep, b, bSteps, c, cStep, accumulate); break;
            case 4: Multiply<Rows.Four, TSteps>(depth, a, aStep, b, bSteps, c, cStep, accumulate); break;
            case 5: Multiply<Rows.Five, TSteps>(depth, a, aStep, b, bSteps, c, cStep, accumulate); break;
            case 6: Multiply<Rows.Six, TSteps>(depth, a, aStep, b, bSteps, c, cStep, accumulate); break;
            case 7: Multiply<Rows.Seven, TSteps>(depth, a, aStep, b, bSteps, c, cStep, accumulate); break;
            case 8: Multiply<Rows.Eight, TSteps>(depth, a, aStep, b, bSteps, c, cStep, accumulate); break;
            case 9: Multiply<Rows.Nine, TSteps>(depth, a, aStep, b, bSteps, c, cStep, accumulate); break;
            case 10: Multiply<Rows.Ten, TSteps>(depth, a, aStep, b, bSteps, c, cStep, accumulate); break;
            case 11: Multiply<Rows.Eleven, TSteps>(depth, a, aStep, b, bSteps, c, cStep, accumulate); break;
            case 12: Multiply<Rows.Twelve, TSteps>(depth, a, aStep, b, bSteps, c, cStep, accumulate); break;
            case 13: Multiply<Rows.Thirteen, TSteps>(depth, a, aStep, b, bSteps, c, cStep, accumulate); break;
            default: Multiply<Rows.Fourteen, TSteps>(depth, a, aStep, b, bSteps, c, cStep, accumulate); break;
        }
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Multiply<TRows, TSteps>(nint depth, T* a, nint aStep, T* b, nint bSteps, T* c, nint cStep, bool accumulate)
        where TRows : struct, IRowCount
        where TSteps : struct, IDepthSteps
    {
        Vector512<T> c0a = default, c0b = default;
        Vector512<T> c1a = default, c1b = default;
        Vector512<T> c2a = default, c2b = default;
        Vector512<T> c3a = default, c3b = default;
        Vector512<T> c4a = default, c4b = default;
        Vector512<T> c5a = default, c5b = default;
        Vector512<T> c6a = default, c6b = default;
        Vector512<T> c7a = default, c7b = default;
        Vector512<T> c8a = default, c8b = default;
        Vector512<T> c9a = default, c9b = default;
        Vector512<T> c10a = default, c10b = default;
        Vector512<T> c11a = default, c11b = default;
        Vector512<T> c12a = default, c12b = default;
        Vector512<T> c13a = default, c13b = default;
        nint width = Vector512<T>.Count;
        if (accumulate) Prefetch(TRows.Count, c, cStep);

        // Rows that lie apart are reached by three from one pointer: their distance, once and twice.
        T* a3 = TRows.Count > 3 && TSteps.Apart ? a + (3 * aStep) : a;
        T* a6 = TRows.Count > 6 && TSteps.Apart ? a + (6 * aStep) : a;
        T* a9 = TRows.Count > 9 && TSteps.Apart ? a + (9 * aStep) : a;
        T* a12 = TRows.Count > 12 && TSteps.Apart ? a + (12 * aStep) : a;
        do
        {
            T* row = b;
            if (TSteps.Listed)
            {
                row += *(nint*)bSteps;
                bSteps += sizeof(nint);
            }
            else
            {
                b += bSteps;
            }

            Vector512<T> b0 = Vector512.Load(row), b1 = Vector512.Load(row + width), v = Vector512.Create(a[0]);
            c0a = Fma(v, b0, c0a); c0b = Fma(v, b1, c0b);
            if (TRows.Count > 1) { v = Vector512.Create(TSteps.Apart ? a[aStep] : a[1]); c1a = Fma(v, b0, c1a); c1b = Fma(v, b1, c1b); }
            if (TRows.Count > 2) { v = Vector512.Create(TSteps.Apart ? a[2 * aStep] : a[2]); c2a = Fma(v, b0, c2a); c2b = Fma(v, b1, c2b); }
            if (TRows.Count > 3) { v = Vector512.Create(TSteps.Apart ? a3[0] : a[3]); c3a = Fma(v, b0, c3a); c3b = Fma(v, b1, c3b); }
            if (TRows.Count > 4) { v = Vector512.Create(TSteps.Apart ? a3[aStep] : a[4]); c4a = Fma(v, b0, c4a); c4b = Fma(v, b1, c4b); }
            if (TRows.Count > 5)
            {
                v = Vector512.Create(TSteps.Apart ? a3[2 * aStep] : a[5]);
                c5a = Fma(v, b0, c5a);
                c5b = Fma(v, b1, c5b);
            }

            if (TRows.Count > 6) { v = Vector512.Create(TSteps.Apart ? a6[0] : a[6]); c6a = Fma(v, b0, c6a); c6b = Fma(v, b1, c6b); }
            if (TRows.Count > 7) { v = Vector512.Create(TSteps.Apart ? a6[aStep] : a[7]); c7a = Fma(v, b0, c7a); c7b = Fma(v, b1, c7b); }
            if (TRows.Count > 8)
            {
                v = Vector512.Create(TSteps.Apart ? a6[2 * aStep] : a[8]);
                c8a = Fma(v, b0, c8a);
                c8b = Fma(v, b1, c8b);
            }

            if (TRows.Count > 9) { v = Vector512.Create(TSteps.Apart ? a9[0] : a[9]); c9a = Fma(v, b0, c9a); c9b = Fma(v, b1, c9b); }
            if (TRows.Count > 10)
            {
                v = Vector512.Create(TSteps.Apart ? a9[aStep] : a[10]);
                c10a = Fma(v, b0, c10a);
                c10b = Fma(v, b1, c10b);
            }

            if (TRows.Count > 11)
            {
                v = Vector512.Create(TSteps.Apart ? a9[2 * aStep] : a[11]);
                c11a = Fma(v, b0, c11a);
                c11b = Fma(v, b1, c11b);
            }

            if (TRows.Count > 12) { v = Vector512.Create(TSteps.Apart ? a12[0] : a[12]); c12a = Fma(v, b0, c12a); c12b = Fma(v, b1, c12b); }
            if (TRows.Count > 13)
            {
                v = Vector512.Create(TSteps.Apart ? a12[aStep] : a[13]);
                c13a = Fma(v, b0, c13a);
                c13b = Fma(v, b1, c13b);
            }

            if (TSteps.Apart)
            {
                a++;
                a3++;
                a6++;
                a9++;
                a12++;
            }
            else
            {
                a += aStep;
            }
        }
        while (--depth > 0);

        if (accumulate)
        {
            c0a += Vector512.Load(c); c0b += Vector512.Load(c + width);
            if (TRows.Count > 1) { T* r = c + (1 * cStep); c1a += Vector512.Load(r); c1b += Vector512.Load(r + width); }
            if (TRows.Count > 2) { T* r = c + (2 * cStep); c2a += Vector512.Load(r); c2b += Vector512.Load(r + width); }
            if (TRows.Count > 3) { T* r = c + (3 * cStep); c3a += Vector512.Load(r); c3b += Vector512.Load(r + width); }
            if (TRows.Count > 4) { T* r = c + (4 * cStep); c4a += Vector512.Load(r); c4b += Vector512.Load(r + width); }
            if (TRows.Count > 5) { T* r = c + (5 * cStep); c5a += Vector512.Load(r); c5b += Vector512.Load(r + width); }
            if (TRows.Count > 6) { T* r = c + (6 * cStep); c6a += Vector512.Load(r); c6b += Vector512.Load(r + width); }
            if (TRows.Count > 7) { T* r = c + (7 * cStep); c7a += Vector512.Load(r); c7b += Vector512.Load(r + width); }
            if (TRows.Count > 8) { T* r = c + (8 * cStep); c8a += Vector512.Load(r); c8b += Vector512.Load(r + width); }
            if (TRows.Count > 9) { T* r = c + (9 * cStep); c9a += Vector512.Load(r); c9b += Vector512.Load(r + width); }
            if (TRows.Count > 10) { T* r = c + (10 * cStep); c10a += Vector512.Load(r); c10b += Vector512.Load(r + width); }
            if (TRows.Count > 11) { T* r = c + (11 * cStep); c11a += Vector512.Load(r); c11b += Vector512.Load(r + width); }
            if (TRows.Count > 12) { T* r = c + (12 * cStep); c12a += Vector512.Load(r); c12b += Vector512.Load(r + width); }
            if (TRows.Count > 13) { T* r = c + (13 * cStep); c13a += Vector512.Load(r); c13b += Vector512.Load(r + width); }
        }

        c0a.Store(c); c0b.Store(c + width);
        if (TRows.Count > 1) { T* r = c + (1 * cStep); c1a.Store(r); c1b.Store(r + width); }
        if (TRows.Count > 2) { T* r = c + (2 * cStep); c2a.Store(r); c2b.Store(r + width); }
        if (TRows.Count > 3) { T* r = c + (3 * cStep); c3a.Store(r); c3b.Store(r + width); }
        if (TRows.Count > 4) { T* r = c + (4 * cStep); c4a.Store(r); c4b.Store(r + width); }
        if (TRows.Count > 5) { T* r = c + (5 * cStep); c5a.Store(r); c5b.Store(r + width); }
        if (TRows.Count > 6) { T* r = c + (6 * cStep); c6a.Store(r); c6b.Store(r + width); }
        if (TRows.Count > 7) { T* r = c + (7 * cStep); c7a.Store(r); c7b.Store(r + width); }
        if (TRows.Count > 8) { T* r = c + (8 * cStep); c8a.Store(r); c8b.Store(r + width); }
        if (TRows.Count > 9) { T* r = c + (9 * cStep); c9a.Store(r); c9b.Store(r + width); }
        if (TRows.Count > 10) { T* r = c + (10 * cStep); c10a.Store(r); c10b.Store(r + width); }
        if (TRows.Count > 11) { T* r = c + (11 * cStep); c11a.Store(r); c11b.Store(r + width); }
        if (TRows.Count > 12) { T* r = c + (12 * cStep); c12a.Store(r); c12b.Store(r + width); }
        if (TRows.Count > 13) { T* r = c + (13 * cStep); c13a.Store(r); c13b.Store(r + width); }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<T> Fma(Vector512<T> x, Vector512<T> y, Vector512<T> z) => typeof(T) == typeof(float)
        ? Vector512.FusedMultiplyAdd(x.AsSingle(), y.AsSingle(), z.AsSingle()).As<float, T>()
        : Vector512.FusedMultiplyAdd(x.AsDouble(), y.AsDouble(), z.AsDouble()).As<double, T>();

    /// <summary>Asks for the tile of C, which arrives while the loop runs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(int rows, T* c, nint cStep)
    {
        if (!Sse.IsSupported) return;
        for (int i = 0; i < rows; i++, c += cStep)
        {
            Sse.Prefetch0(c);
            Sse.Prefetch0(c + Columns - 1);
        }
    }
}
