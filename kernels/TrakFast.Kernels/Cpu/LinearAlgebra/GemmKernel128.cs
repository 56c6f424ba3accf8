using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TrakFast.Kernels;

/// <summary>
/// The portable micro-kernel: 4 rows by two vectors of C, for whatever 128-bit instructions there are (multiply and add
/// where the processor cannot fuse them), or for none.
/// The accumulators are named, one by one, because the JIT keeps named locals in registers and an array in memory
/// (42 % of the speed). One body serves every number of rows: the tests of TRows.Count are constants to the JIT, which
/// drops the rows that are not there. Every element of C is one chain of fused multiply-adds in the order of depth
/// whatever the number of rows, which is what makes products independent of how C is cut.
/// </summary>
internal readonly unsafe struct GemmKernel128<T> : IGemmKernel<T>
    where T : unmanaged, System.Numerics.INumber<T>
{
    public static int Rows => 4;

    public static int Columns => 2 * Vector128<T>.Count;

    public static int Depth => 1024 / sizeof(T);

    public static int RowPanels => 32;

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
            default: Multiply<Rows.Four, TSteps>(depth, a, aStep, b, bSteps, c, cStep, accumulate); break;
        }
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Multiply<TRows, TSteps>(nint depth, T* a, nint aStep, T* b, nint bSteps, T* c, nint cStep, bool accumulate)
        where TRows : struct, IRowCount
        where TSteps : struct, IDepthSteps
    {
        Vector128<T> c0a = default, c0b = default;
        Vector128<T> c1a = default, c1b = default;
        Vector128<T> c2a = default, c2b = default;
        Vector128<T> c3a = default, c3b = default;
        nint width = Vector128<T>.Count;

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
            }

            Vector128<T> b0 = Vector128.Load(row), b1 = Vector128.Load(row + width), v = Vector128.Create(a[0]);
            c0a = Fma(v, b0, c0a); c0b = Fma(v, b1, c0b);
            if (TRows.Count > 1) { v = Vector128.Create(TSteps.Apart ? a[aStep] : a[1]); c1a = Fma(v, b0, c1a); c1b = Fma(v, b1, c1b); }
            if (TRows.Count > 2) { v = Vector128.Create(TSteps.Apart ? a[2 * aStep] : a[2]); c2a = Fma(v, b0, c2a); c2b = Fma(v, b1, c2b); }
            if (TRows.Count > 3) { v = Vector128.Create(TSteps.Apart ? a3[0] : a[3]); c3a = Fma(v, b0, c3a); c3b = Fma(v, b1, c3b); }
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
            c0a += Vector128.Load(c); c0b += Vector128.Load(c + width);
            if (TRows.Count > 1) { T* r = c + (1 * cStep); c1a += Vector128.Load(r); c1b += Vector128.Load(r + width); }
            if (TRows.Count > 2) { T* r = c + (2 * cStep); c2a += Vector128.Load(r); c2b += Vector128.Load(r + width); }
            if (TRows.Count > 3) { T* r = c + (3 * cStep); c3a += Vector128.Load(r); c3b += Vector128.Load(r + width); }
        }

        c0a.Store(c); c0b.Store(c + width);
        if (TRows.Count > 1) { T* r = c + (1 * cStep); c1a.Store(r); c1b.Store(r + width); }
        if (TRows.Count > 2) { T* r = c + (2 * cStep); c2a.Store(r); c2b.Store(r + width); }
        if (TRows.Count > 3) { T* r = c + (3 * cStep); c3a.Store(r); c3b.Store(r + width); }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<T> Fma(Vector128<T> x, Vector128<T> y, Vector128<T> z) => typeof(T) == typeof(float)
        ? Vector128.MultiplyAddEstimate(x.AsSingle(), y.AsSingle(), z.AsSingle()).As<float, T>()
        : Vector128.MultiplyAddEstimate(x.AsDouble(), y.AsDouble(), z.AsDouble()).As<double, T>();
}
