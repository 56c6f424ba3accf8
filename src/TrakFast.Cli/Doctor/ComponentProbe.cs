using System.Runtime.InteropServices;

namespace TrakFast.Cli.Doctor;

/// <summary>Finds the engines and kernel backends beside the tool, without loading any of them.</summary>
internal static class ComponentProbe
{
    private const string Engine = "engine";
    private const string KernelBackend = "kernel backend";

    /// <summary>All engines and kernel backends TrakFast knows, active or not.</summary>
    public static IReadOnlyList<Component> Find() => Find(AppContext.BaseDirectory, HasCudaDriver);

    /// <summary>The same for a given directory of assemblies and a given answer about the CUDA driver.</summary>
    public static IReadOnlyList<Component> Find(string directory, Func<bool> hasCudaDriver)
    {
        bool Has(string assembly) => File.Exists(Path.Combine(directory, assembly + ".dll"));
        return
        [
            Has("TrakFast.Onnx")
                ? new(Engine, "managed", true, "ONNX graphs in managed code")
                : new(Engine, "managed", false, "TrakFast.Onnx.dll is not beside the tool"),
            Has("TrakFast.TorchSharp")
                ? new(Engine, "torch", true, "TorchSharp modules and ONNX graphs, CPU and CUDA")
                : new(Engine, "torch", false, "this build has no TrakFast.TorchSharp; it needs the TorchSharp package on a NuGet source"),
            new(KernelBackend, "cpu", true, $"SIMD kernels, widest vectors {SimdSupport.Widest()}"),
            Cuda(Has("TrakFast.Kernels.Cuda"), hasCudaDriver),
        ];
    }

    private static Component Cuda(bool isBuilt, Func<bool> hasCudaDriver) => (isBuilt, isBuilt && hasCudaDriver()) switch
    {
        (false, _) => new(KernelBackend, "cuda", false, "this build has no TrakFast.Kernels.Cuda"),
        (true, false) => new(KernelBackend, "cuda", false, "the CUDA driver library cannot be loaded; install an NVIDIA driver"),
        (true, true) => new(KernelBackend, "cuda", true, "CUDA kernels on the primary context"),
    };

    private static bool HasCudaDriver()
    {
        string library = OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1";
        if (!NativeLibrary.TryLoad(library, out nint handle)) return false;
        NativeLibrary.Free(handle);
        return true;
    }
}
