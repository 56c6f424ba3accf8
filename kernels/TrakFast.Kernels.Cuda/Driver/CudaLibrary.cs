using System.Runtime.InteropServices;

namespace TrakFast.Kernels;

/// <summary>
/// Finds NVIDIA's driver library, which comes with the driver and with nothing else: no CUDA toolkit is needed. A process keeps the
/// library once it is loaded.
/// </summary>
internal static unsafe class CudaLibrary
{
    /// <summary>The library's file name on this system.</summary>
    public static string FileName => OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1";

    /// <summary>Loads the library.</summary>
    /// <exception cref="CudaException">It is not there, or it is too old.</exception>
    public static CudaDriver Load() => Load(FileName);

    /// <summary>Loads a library by its file name.</summary>
    /// <exception cref="CudaException">It is not there, or it is too old.</exception>
    public static CudaDriver Load(string file)
    {
        if (!NativeLibrary.TryLoad(file, typeof(CudaLibrary).Assembly, DllImportSearchPath.SafeDirectories, out nint library))
            throw new CudaException($"No NVIDIA driver is installed: {file} cannot be loaded.");
        return new CudaDriver
        {
            Init = (delegate* unmanaged<uint, CudaResult>)Find("cuInit"),
            DriverGetVersion = (delegate* unmanaged<int*, CudaResult>)Find("cuDriverGetVersion"),
            GetErrorName = (delegate* unmanaged<CudaResult, byte**, CudaResult>)Find("cuGetErrorName"),
            GetErrorString = (delegate* unmanaged<CudaResult, byte**, CudaResult>)Find("cuGetErrorString"),
            DeviceGetCount = (delegate* unmanaged<int*, CudaResult>)Find("cuDeviceGetCount"),
            DeviceGet = (delegate* unmanaged<int*, int, CudaResult>)Find("cuDeviceGet"),
            DeviceGetName = (delegate* unmanaged<byte*, int, int, CudaResult>)Find("cuDeviceGetName"),
            DeviceTotalMem = (delegate* unmanaged<nuint*, int, CudaResult>)Find("cuDeviceTotalMem_v2"),
            DeviceGetAttribute = (delegate* unmanaged<int*, int, int, CudaResult>)Find("cuDeviceGetAttribute"),
            PrimaryContextRetain = (delegate* unmanaged<nint*, int, CudaResult>)Find("cuDevicePrimaryCtxRetain"),
            PrimaryContextRelease = (delegate* unmanaged<int, CudaResult>)Find("cuDevicePrimaryCtxRelease_v2"),
            ContextPush = (delegate* unmanaged<nint, CudaResult>)Find("cuCtxPushCurrent_v2"),
            ContextPop = (delegate* unmanaged<nint*, CudaResult>)Find("cuCtxPopCurrent_v2"),
            ModuleLoad = (delegate* unmanaged<nint*, byte*, uint, int*, nint*, CudaResult>)Find("cuModuleLoadDataEx"),
            ModuleUnload = (delegate* unmanaged<nint, CudaResult>)Find("cuModuleUnload"),
            ModuleGetFunction = (delegate* unmanaged<nint*, nint, byte*, CudaResult>)Find("cuModuleGetFunction"),
            FunctionSetAttribute = (delegate* unmanaged<nint, int, int, CudaResult>)Find("cuFuncSetAttribute"),
            LaunchKernel = (delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, CudaResult>)Find(
                "cuLaunchKernel"),
            StreamSynchronize = (delegate* unmanaged<nint, CudaResult>)Find("cuStreamSynchronize"),
            EventCreate = (delegate* unmanaged<nint*, uint, CudaResult>)Find("cuEventCreate"),
            EventDestroy = (delegate* unmanaged<nint, CudaResult>)Find("cuEventDestroy_v2"),
            EventRecord = (delegate* unmanaged<nint, nint, CudaResult>)Find("cuEventRecord"),
            EventSynchronize = (delegate* unmanaged<nint, CudaResult>)Find("cuEventSynchronize"),
            EventElapsedTime = (delegate* unmanaged<float*, nint, nint, CudaResult>)Find("cuEventElapsedTime"),
            MemoryGetInfo = (delegate* unmanaged<nuint*, nuint*, CudaResult>)Find("cuMemGetInfo_v2"),
            MemoryAllocate = (delegate* unmanaged<nint*, nuint, CudaResult>)Find("cuMemAlloc_v2"),
            MemoryFree = (delegate* unmanaged<nint, CudaResult>)Find("cuMemFree_v2"),
            HostAllocate = (delegate* unmanaged<void**, nuint, uint, CudaResult>)Find("cuMemHostAlloc"),
            HostFree = (delegate* unmanaged<void*, CudaResult>)Find("cuMemFreeHost"),
            MemorySet = (delegate* unmanaged<nint, byte, nuint, nint, CudaResult>)Find("cuMemsetD8Async"),
            CopyToDevice = (delegate* unmanaged<nint, void*, nuint, nint, CudaResult>)Find("cuMemcpyHtoDAsync_v2"),
            CopyToHost = (delegate* unmanaged<void*, nint, nuint, nint, CudaResult>)Find("cuMemcpyDtoHAsync_v2"),
            CopyOnDevice = (delegate* unmanaged<nint, nint, nuint, nint, CudaResult>)Find("cuMemcpyDtoDAsync_v2"),
        };

        nint Find(string name) => NativeLibrary.TryGetExport(library, name, out nint address)
            ? address
            : throw new CudaException($"{file} has no {name}: the NVIDIA driver is too old.");
    }
}
