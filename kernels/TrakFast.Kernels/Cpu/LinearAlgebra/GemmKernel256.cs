using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TrakFast.Kernels;

/// <summary>
/// The AVX2 micro-kernel: 6 rows by two vectors of C, 12 accumulators, two loads of B and one broadcast of A in the
/// 16 registers.
/// The accumulators are named, one by one, because the JIT keeps named locals in registers and an array in memory
/// (42 % of the speed). One body serves every number of rows: the tests of TRows.Count are constants to the JIT, which
/// drops the rows that are not there. Every element of C is one chain of fused multiply-adds in the order of depth
/// whatever the number of rows, which is what makes products independent of how C is cut.
/// </summary>
internal readonly unsafe struct GemmKernel256<T> : IGemmKernel<T>
    where T : unmanaged, System.Numerics.INumber<T>
{
    public static int Rows => 6;

    public static int Columns => 2 * Vector256<T>.Count;

    public static int Depth => 2048 / sizeof(T);

    public static int RowPanels => 24;

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
            default: Multiply<Rows.Six, TSteps>(depth, a, aStep, b, bSteps, c, cStep, accumulate); break;
        }
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Multiply<TRows, TSteps>(nint depth, T* a, nint aStep, T* b, nint bSteps, T* c, nint cStep, bool accumulate)
        where TRows : struct, IRowCount
        where TSteps : struct, IDepthSteps
    {
        Vector256<T> c0a = default, c0b = default;
        Vector256<T> c1a = default, c1b = default;
        Vector256<T> c2a = default, c2b = default;
        Vector256<T> c3a = default, c3b = default;
        Vector256<T> c4a = default, c4b = default;
        Vector256<T> c5a = default, c5b = default;
        nint width = Vector256<T>.Count, ahead = 16 * bSteps;
        if (accumulate) Prefetch(TRows.Count, c, cStep);

        // Rows that lie apart are reached by three from one pointer: their distance, once and twice.
        T* a3 = TRows.Count > 3 && TSteps.Apart ? a + (3 * aStep) : a;
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

                // A line for each depth: the first pass over a panel of B finds it in a farther cache.
                if (Sse.IsSupported) Sse.Prefetch0(row + ahead);
            }

            Vector256<T> b0 = Vector256.Load(row), b1 = Vector256.Load(row + width), v = Vector256.Create(a[0]);
            c0a = Fma(v, b0, c0a); c0b = Fma(v, b1, c0b);
            if (TRows.Count > 1) { v = Vector256.Create(TSteps.Apart ? a[aStep] : a[1]); c1a = Fma(v, b0, c1a); c1b = Fma(v, b1, c1b); }
            if (TRows.Count > 2) { v = Vector256.Create(TSteps.Apart ? a[2 * aStep] : a[2]); c2a = Fma(v, b0, c2a); c2b = Fma(v, b1, c2b); }
            if (TRows.Count > 3) { v = Vector256.Create(TSteps.Apart ? a3[0] : a[3]); c3a = Fma(v, b0, c3a); c3b = Fma(v, b1, c3b); }
            if (TRows.Count > 4) { v = Vector256.Create(TSteps.Apart ? a3[aStep] : a[4]); c4a = Fma(v, b0, c4a); c4b = Fma(v, b1, c4b); }
            if (TRows.Count > 5)
            {
                v = Vector256.Create(TSteps.Apart ? a3[2 * aStep] : a[5]);
                c5a = Fma(v, b0, c5a);
                c5b = Fma(v, b1, c5b);
            }

            if (TSteps.Apart)
            {
                a++;
                a3++;
            }
            else
            {
                a += aStep;
            }
        }
        while (--depth > 0);

        if (accumulate)
        {
            c0a += Vector256.Load(c); c0b += Vector256.Load(c + width);
            if (TRows.Count > 1) { T* r = c + (1 * cStep); c1a += Vector256.Load(r); c1b += Vector256.Load(r + width); }
            if (TRows.Count > 2) { T* r = c + (2 * cStep); c2a += Vector256.Load(r); c2b += Vector256.Load(r + width); }
            if (TRows.Count > 3) { T* r = c + (3 * cStep); c3a += Vector256.Load(r); c3b += Vector256.Load(r + width); }
            if (TRows.Count > 4) { T* r = c + (4 * cStep); c4a += Vector256.Load(r); c4b += Vector256.Load(r + width); }
            if (TRows.Count > 5) { T* r = c + (5 * cStep); c5a += Vector256.Load(r); c5b += Vector256.Load(r + width); }
        }

        c0a.Store(c); c0b.Store(c + width);
        if (TRows.Count > 1) { T* r = c + (1 * cStep); c1a.Store(r); c1b.Store(r + width); }
        if (TRows.Count > 2) { T* r = c + (2 * cStep); c2a.Store(r); c2b.Store(r + width); }
        if (TRows.Count > 3) { T* r = c + (3 * cStep); c3a.Store(r); c3b.Store(r + width); }
        if (TRows.Count > 4) { T* r = c + (4 * cStep); c4a.Store(r); c4b.Store(r + width); }
        if (TRows.Count > 5) { T* r = c + (5 * cStep); c5a.Store(r); c5b.Store(r + width); }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<T> Fma(Vector256<T> x, Vector256<T> y, Vector256<T> z) => typeof(T) == typeof(float)
        ? Vector256.FusedMultiplyAdd(x.AsSingle(), y.AsSingle(), z.AsSingle()).As<float, T>()
        : Vector256.FusedMultiplyAdd(x.AsDouble(), y.AsDouble(), z.AsDouble()).As<double, T>();

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
