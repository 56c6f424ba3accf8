using System.Runtime.InteropServices;

namespace TrakFast.Benchmarks.Gpu;

/// <summary>cuBLAS where the system has it: the rival of the device's matrix kernels, on the legacy default stream of device 0.</summary>
internal sealed unsafe class CuBlas : IDisposable
{
    private const int None = 0, Transposed = 1, Lower = 0, SinglePrecision = 0, Tf32 = 3;
    private static readonly string[] FileNames = OperatingSystem.IsWindows()
        ? ["cublas64_13.dll", "cublas64_12.dll", "cublas64_11.dll"]
        : ["libcublas.so.13", "libcublas.so.12", "libcublas.so.11", "libcublas.so"];

    private readonly nint _library;
    private readonly nint _handle;

    private CuBlas(nint library)
    {
        _library = library;
        nint handle;
        Check(((delegate* unmanaged<nint*, int>)Export("cublasCreate_v2"))(&handle), "cublasCreate");
        _handle = handle;
    }

    /// <summary>cuBLAS, or null where it is not found.</summary>
    public static CuBlas? TryLoad()
    {
        foreach (string file in FileNames)
        {
            if (NativeLibrary.TryLoad(file, out nint library)) return new CuBlas(library);
        }

        return null;
    }

    /// <summary>C [m, n] = A [m, k] · op(B), row-major on the device; with tensor cores in tf32, or in float32.</summary>
    public void Multiply(bool tensorCores, bool transposeB, int m, int n, int k, nint a, nint b, nint c)
    {
        float one = 1, zero = 0;
        SetPrecision(tensorCores);

        // cuBLAS counts by columns, so it makes Cᵀ = op(B)ᵀ·Aᵀ.
        Check(
            ((delegate* unmanaged<nint, int, int, int, int, int, float*, nint, int, nint, int, float*, nint, int, int>)Export(
                "cublasSgemm_v2"))(
                _handle, transposeB ? Transposed : None, None, n, m, k, &one, b, transposeB ? k : n, a, k, &zero, c, n),
            "cublasSgemm");
    }

    /// <summary>The upper triangle of C [k, k] = XᵀX for X [n, k], row-major on the device, in float32.</summary>
    public void SymmetricProduct(int n, int k, nint x, nint c)
    {
        float one = 1, zero = 0;
        SetPrecision(false);
        Check(
            ((delegate* unmanaged<nint, int, int, int, int, float*, nint, int, float*, nint, int, int>)Export("cublasSsyrk_v2"))(
                _handle, Lower, None, k, n, &one, x, k, &zero, c, k),
            "cublasSsyrk");
    }

    /// <inheritdoc/>
    public void Dispose() => Check(((delegate* unmanaged<nint, int>)Export("cublasDestroy_v2"))(_handle), "cublasDestroy");

    private void SetPrecision(bool tensorCores) =>
        Check(
            ((delegate* unmanaged<nint, int, int>)Export("cublasSetMathMode"))(_handle, tensorCores ? Tf32 : SinglePrecision),
            "cublasSetMathMode");

    private nint Export(string name) => NativeLibrary.GetExport(_library, name);

    private static void Check(int status, string what)
    {
        if (status != 0) throw new InvalidOperationException($"{what} answered {status}.");
    }
}
