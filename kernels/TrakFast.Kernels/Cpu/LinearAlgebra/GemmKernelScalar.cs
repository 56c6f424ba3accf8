using System.Numerics;
using System.Runtime.CompilerServices;

namespace TrakFast.Kernels;

/// <summary>The micro-kernel of a processor without vectors: a row of four elements of C at a time, multiply and add.</summary>
internal readonly unsafe struct GemmKernelScalar<T> : IGemmKernel<T>
    where T : unmanaged, INumber<T>
{
    public static int Rows => 4;

    public static int Columns => 4;

    public static int Depth => 256;

    public static int RowPanels => 32;

    public static void Run(int rows, nint depth, T* a, nint aStep, T* b, nint bStep, T* c, nint cStep, bool accumulate) =>
        Run<Steps.Even>(rows, depth, a, aStep, b, bStep, c, cStep, accumulate);

    public static void RunRows(int rows, nint depth, T* a, nint aRow, T* b, nint bStep, T* c, nint cStep, bool accumulate) =>
        Run<Steps.Apart>(rows, depth, a, aRow, b, bStep, c, cStep, accumulate);

    public static void RunAt(int rows, nint depth, T* a, nint aStep, T* b, nint* bOffsets, T* c, nint cStep, bool accumulate) =>
        Run<Steps.Listed>(rows, depth, a, aStep, b, (nint)bOffsets, c, cStep, accumulate);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<TSteps>(int rows, nint depth, T* a, nint aStep, T* b, nint bSteps, T* c, nint cStep, bool accumulate)
        where TSteps : struct, IDepthSteps
    {
        for (int i = 0; i < rows; i++, a += TSteps.Apart ? aStep : 1, c += cStep)
        {
            T c0 = default, c1 = default, c2 = default, c3 = default;
            T* x = a;
            for (nint d = 0; d < depth; d++, x += TSteps.Apart ? 1 : aStep)
            {
                T* y = b + (TSteps.Listed ? ((nint*)bSteps)[d] : d * bSteps);
                c0 += *x * y[0];
                c1 += *x * y[1];
                c2 += *x * y[2];
                c3 += *x * y[3];
            }

            c[0] = accumulate ? c[0] + c0 : c0;
            c[1] = accumulate ? c[1] + c1 : c1;
            c[2] = accumulate ? c[2] + c2 : c2;
            c[3] = accumulate ? c[3] + c3 : c3;
        }
    }
}
