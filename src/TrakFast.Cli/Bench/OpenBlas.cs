using System.Runtime.InteropServices;

namespace TrakFast.Cli.Bench;

/// <summary>OpenBLAS where the system has it: the rival of the matrix kernels, called as a C library.</summary>
internal static unsafe class OpenBlas
{
    private const int RowMajor = 101;
    private const int No = 111;
    private const int Yes = 112;
    private const int Upper = 121;

    private static readonly nint Library = Load();

    /// <summary>Whether there is one; without it nothing else here may be called.</summary>
    public static bool IsFound => Library != 0;

    /// <summary>Which rival there is.</summary>
    public static string Description => IsFound
        ? $"OpenBLAS with kernels for {Marshal.PtrToStringAnsi(((delegate* unmanaged<nint>)Export("openblas_get_corename"))())} (OPENBLAS_CORETYPE pins them)"
        : "none: OpenBLAS was not found (Debian: apt-get install libopenblas0)";

    /// <summary>Sets the number of its threads; does nothing where it is not found.</summary>
    public static void SetThreads(int threads)
    {
        if (IsFound) ((delegate* unmanaged<int, void>)Export("openblas_set_num_threads"))(threads);
    }

    /// <summary>C [m, n] = op(A)·op(B), contiguous.</summary>
    public static void Sgemm(bool transposeA, bool transposeB, int m, int n, int k, float* a, float* b, float* c) =>
        ((delegate* unmanaged<int, int, int, int, int, int, float, float*, int, float*, int, float, float*, int, void>)Export("cblas_sgemm"))(
            RowMajor, transposeA ? Yes : No, transposeB ? Yes : No, m, n, k, 1, a, transposeA ? m : k, b, transposeB ? k : n, 0, c, n);

    /// <summary>The upper triangle of C [k, k] = XᵀX for X [n, k].</summary>
    public static void Ssyrk(int n, int k, float* x, float* c) =>
        ((delegate* unmanaged<int, int, int, int, int, float, float*, int, float, float*, int, void>)Export("cblas_ssyrk"))(
            RowMajor, Upper, Yes, k, n, 1, x, k, 0, c, k);

    private static nint Load() => NativeLibrary.TryLoad("libopenblas.so.0", out nint library) || NativeLibrary.TryLoad("openblas", out library) ? library : 0;

    private static nint Export(string name) => NativeLibrary.GetExport(Library, name);
}
