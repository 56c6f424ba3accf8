using System.Runtime.InteropServices;

namespace TrakFast.Cli.Bench;

/// <summary>OpenBLAS where the system has it: the rival of the matrix kernels, called as a C library.</summary>
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

    /// <summary>Whether there is one; without it there is no rival, and what calls it throws.</summary>
    public static bool IsFound => Library != 0;

    /// <summary>Which rival there is.</summary>
    public static string Description => IsFound
        ? $"OpenBLAS with kernels for {Marshal.PtrToStringAnsi(((delegate* unmanaged<nint>)Export("openblas_get_corename"))())} "
            + "(OPENBLAS_CORETYPE pins them)"
        : "none: OpenBLAS was not found (Debian: apt-get install libopenblas0)";

    /// <summary>Sets the number of its threads; does nothing where it is not found.</summary>
    public static void SetThreads(int threads)
    {
        if (IsFound) ((delegate* unmanaged<int, void>)Export("openblas_set_num_threads"))(threads);
    }

    /// <summary>C [m, n] = op(A)·op(B), contiguous.</summary>
    public static void Sgemm(bool transposeA, bool transposeB, int m, int n, int k, float* a, float* b, float* c) =>
        ((delegate* unmanaged<int, int, int, int, int, int, float, float*, int, float*, int, float, float*, int, void>)Export(
            "cblas_sgemm"))(
            RowMajor, transposeA ? Yes : No, transposeB ? Yes : No, m, n, k, 1, a, transposeA ? m : k, b, transposeB ? k : n, 0, c, n);

    /// <summary>The upper triangle of C [k, k] = XᵀX for X [n, k].</summary>
    public static void Ssyrk(int n, int k, float* x, float* c) =>
        ((delegate* unmanaged<int, int, int, int, int, float, float*, int, float, float*, int, void>)Export("cblas_ssyrk"))(
            RowMajor, Upper, Yes, k, n, 1, x, k, 0, c, k);

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

    private static nint Load() =>
        NativeLibrary.TryLoad("libopenblas.so.0", out nint library) || NativeLibrary.TryLoad("openblas", out library) ? library : 0;

    private static nint Export(string name) => IsFound
        ? NativeLibrary.GetExport(Library, name)
        : throw new InvalidOperationException(
            "OpenBLAS was not found, and there is no other rival (Debian: apt-get install libopenblas0).");
}
