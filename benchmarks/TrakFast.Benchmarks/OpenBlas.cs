using System.Numerics.Tensors;
using System.Runtime.InteropServices;

using TrakFast.Kernels;

namespace TrakFast.Benchmarks;

/// <summary>The rival of the matrix kernels: OpenBLAS where the system has it, otherwise products made of TensorPrimitives.Dot.</summary>
internal static unsafe class OpenBlas
{
    private const int RowMajor = 101;
    private const int No = 111;
    private const int Yes = 112;
    private const int Upper = 121;
    private const int Lower = 122;
    private const int NonUnit = 131;
    private const int Right = 142;

    private static readonly nint Library = Load();

    /// <summary>Which rival runs; printed before the results.</summary>
    public static string Description => Library == 0
        ? "OpenBLAS was not found: the rival of matrix kernels is a product of TensorPrimitives.Dot, NOT OpenBLAS."
        : $"Rival of matrix kernels: OpenBLAS, core {Marshal.PtrToStringAnsi(((delegate* unmanaged<nint>)Export("openblas_get_corename"))())} (pin it with OPENBLAS_CORETYPE).";

    /// <summary>Sets the number of OpenBLAS threads.</summary>
    public static void SetThreads(int threads)
    {
        if (Library != 0) ((delegate* unmanaged<int, void>)Export("openblas_set_num_threads"))(threads);
    }

    /// <summary>C [m, n] = op(A)·op(B), contiguous.</summary>
    public static void Sgemm(bool transposeA, bool transposeB, int m, int n, int k, float* a, float* b, float* c)
    {
        if (Library == 0)
        {
            DotProduct(transposeA, transposeB, m, n, k, a, b, c);
            return;
        }

        ((delegate* unmanaged<int, int, int, int, int, int, float, float*, int, float*, int, float, float*, int, void>)Export("cblas_sgemm"))(
            RowMajor, transposeA ? Yes : No, transposeB ? Yes : No, m, n, k, 1, a, transposeA ? m : k, b, transposeB ? k : n, 0, c, n);
    }

    /// <summary>The upper triangle of C [k, k] = XᵀX for X [n, k].</summary>
    public static void Ssyrk(int n, int k, float* x, float* c)
    {
        if (Library == 0)
        {
            DotProduct(true, false, k, k, n, x, x, c);
            return;
        }

        ((delegate* unmanaged<int, int, int, int, int, float, float*, int, float, float*, int, void>)Export("cblas_ssyrk"))(
            RowMajor, Upper, Yes, k, n, 1, x, k, 0, c, k);
    }

    /// <summary>Whether OpenBLAS is there: the factorisations have no other rival.</summary>
    public static bool IsFound => Library != 0;

    /// <summary>A [k, k] becomes its Cholesky factor L, in the lower triangle of rows.</summary>
    public static void Dpotrf(int k, double* a)
    {
        // LAPACK counts by columns: its upper triangle is the lower one of rows.
        byte upper = (byte)'U';
        int info;
        ((delegate* unmanaged<byte*, int*, double*, int*, int*, void>)Export("dpotrf_"))(&upper, &k, a, &k, &info);
        if (info != 0) throw new InvalidOperationException($"dpotrf answered {info}.");
    }

    /// <summary>B [m, k] becomes B·(L·Lᵀ)⁻¹: every row is solved against the factor.</summary>
    public static void SolveRows(int k, double* factor, int m, double* b)
    {
        delegate* unmanaged<int, int, int, int, int, int, int, double, double*, int, double*, int, void> solve =
            (delegate* unmanaged<int, int, int, int, int, int, int, double, double*, int, double*, int, void>)Export("cblas_dtrsm");
        solve(RowMajor, Right, Lower, Yes, NonUnit, m, k, 1, factor, k, b, k);
        solve(RowMajor, Right, Lower, No, NonUnit, m, k, 1, factor, k, b, k);
    }

    private static void DotProduct(bool transposeA, bool transposeB, int m, int n, int k, float* a, float* b, float* c)
    {
        using NativeBuffer<float> rows = new((long)m * k), columns = new((long)n * k);
        for (int i = 0; i < m; i++)
        {
            for (int l = 0; l < k; l++) rows.Pointer[((long)i * k) + l] = transposeA ? a[((long)l * m) + i] : a[((long)i * k) + l];
        }

        for (int j = 0; j < n; j++)
        {
            for (int l = 0; l < k; l++) columns.Pointer[((long)j * k) + l] = transposeB ? b[((long)j * k) + l] : b[((long)l * n) + j];
        }

        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j < n; j++) c[((long)i * n) + j] = TensorPrimitives.Dot<float>(rows.Slice((long)i * k, k), columns.Slice((long)j * k, k));
        }
    }

    private static nint Load() => NativeLibrary.TryLoad("libopenblas.so.0", out nint library) || NativeLibrary.TryLoad("openblas", out library) ? library : 0;

    private static nint Export(string name) => NativeLibrary.GetExport(Library, name);
}
