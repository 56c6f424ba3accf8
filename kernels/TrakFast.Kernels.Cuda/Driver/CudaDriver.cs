using System.Runtime.InteropServices;

namespace TrakFast.Kernels;

/// <summary>
/// The functions of NVIDIA's driver library that this backend calls, as addresses: <see cref="CudaLibrary"/> finds them in the
/// library. Names and parameters are those of the CUDA driver API; a function whose name there ends in _v2 is that version.
/// </summary>
internal sealed unsafe class CudaDriver
{
    /// <summary>cuInit(flags).</summary>
    public required delegate* unmanaged<uint, CudaResult> Init { get; init; }

    /// <summary>cuDriverGetVersion(version): 1000·major + 10·minor of the newest CUDA that the driver knows.</summary>
    public required delegate* unmanaged<int*, CudaResult> DriverGetVersion { get; init; }

    /// <summary>cuGetErrorName(error, text).</summary>
    public required delegate* unmanaged<CudaResult, byte**, CudaResult> GetErrorName { get; init; }

    /// <summary>cuGetErrorString(error, text).</summary>
    public required delegate* unmanaged<CudaResult, byte**, CudaResult> GetErrorString { get; init; }

    /// <summary>cuDeviceGetCount(count).</summary>
    public required delegate* unmanaged<int*, CudaResult> DeviceGetCount { get; init; }

    /// <summary>cuDeviceGet(device, ordinal).</summary>
    public required delegate* unmanaged<int*, int, CudaResult> DeviceGet { get; init; }

    /// <summary>cuDeviceGetName(name, bytes, device).</summary>
    public required delegate* unmanaged<byte*, int, int, CudaResult> DeviceGetName { get; init; }

    /// <summary>cuDeviceTotalMem(bytes, device).</summary>
    public required delegate* unmanaged<nuint*, int, CudaResult> DeviceTotalMem { get; init; }

    /// <summary>cuDeviceGetAttribute(value, attribute, device).</summary>
    public required delegate* unmanaged<int*, int, int, CudaResult> DeviceGetAttribute { get; init; }

    /// <summary>cuDevicePrimaryCtxRetain(context, device).</summary>
    public required delegate* unmanaged<nint*, int, CudaResult> PrimaryContextRetain { get; init; }

    /// <summary>cuDevicePrimaryCtxRelease(device).</summary>
    public required delegate* unmanaged<int, CudaResult> PrimaryContextRelease { get; init; }

    /// <summary>cuCtxPushCurrent(context).</summary>
    public required delegate* unmanaged<nint, CudaResult> ContextPush { get; init; }

    /// <summary>cuCtxPopCurrent(context).</summary>
    public required delegate* unmanaged<nint*, CudaResult> ContextPop { get; init; }

    /// <summary>cuModuleLoadDataEx(module, image, number of options, options, values).</summary>
    public required delegate* unmanaged<nint*, byte*, uint, int*, nint*, CudaResult> ModuleLoad { get; init; }

    /// <summary>cuModuleUnload(module).</summary>
    public required delegate* unmanaged<nint, CudaResult> ModuleUnload { get; init; }

    /// <summary>cuModuleGetFunction(function, module, name).</summary>
    public required delegate* unmanaged<nint*, nint, byte*, CudaResult> ModuleGetFunction { get; init; }

    /// <summary>cuFuncSetAttribute(function, attribute, value).</summary>
    public required delegate* unmanaged<nint, int, int, CudaResult> FunctionSetAttribute { get; init; }

    /// <summary>cuLaunchKernel(function, grid x, y, z, block x, y, z, shared bytes, stream, parameters, extra).</summary>
    public required delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, CudaResult> LaunchKernel
    {
        get; init;
    }

    /// <summary>cuStreamSynchronize(stream).</summary>
    public required delegate* unmanaged<nint, CudaResult> StreamSynchronize { get; init; }

    /// <summary>cuEventCreate(event, flags).</summary>
    public required delegate* unmanaged<nint*, uint, CudaResult> EventCreate { get; init; }

    /// <summary>cuEventDestroy(event).</summary>
    public required delegate* unmanaged<nint, CudaResult> EventDestroy { get; init; }

    /// <summary>cuEventRecord(event, stream).</summary>
    public required delegate* unmanaged<nint, nint, CudaResult> EventRecord { get; init; }

    /// <summary>cuEventSynchronize(event).</summary>
    public required delegate* unmanaged<nint, CudaResult> EventSynchronize { get; init; }

    /// <summary>cuEventElapsedTime(milliseconds, start, end).</summary>
    public required delegate* unmanaged<float*, nint, nint, CudaResult> EventElapsedTime { get; init; }

    /// <summary>cuMemGetInfo(free, total).</summary>
    public required delegate* unmanaged<nuint*, nuint*, CudaResult> MemoryGetInfo { get; init; }

    /// <summary>cuMemAlloc(pointer, bytes).</summary>
    public required delegate* unmanaged<nint*, nuint, CudaResult> MemoryAllocate { get; init; }

    /// <summary>cuMemFree(pointer).</summary>
    public required delegate* unmanaged<nint, CudaResult> MemoryFree { get; init; }

    /// <summary>cuMemHostAlloc(pointer, bytes, flags).</summary>
    public required delegate* unmanaged<void**, nuint, uint, CudaResult> HostAllocate { get; init; }

    /// <summary>cuMemFreeHost(pointer).</summary>
    public required delegate* unmanaged<void*, CudaResult> HostFree { get; init; }

    /// <summary>cuMemsetD8Async(pointer, value, bytes, stream).</summary>
    public required delegate* unmanaged<nint, byte, nuint, nint, CudaResult> MemorySet { get; init; }

    /// <summary>cuMemcpyHtoDAsync(device pointer, host pointer, bytes, stream).</summary>
    public required delegate* unmanaged<nint, void*, nuint, nint, CudaResult> CopyToDevice { get; init; }

    /// <summary>cuMemcpyDtoHAsync(host pointer, device pointer, bytes, stream).</summary>
    public required delegate* unmanaged<void*, nint, nuint, nint, CudaResult> CopyToHost { get; init; }

    /// <summary>cuMemcpyDtoDAsync(destination, source, bytes, stream).</summary>
    public required delegate* unmanaged<nint, nint, nuint, nint, CudaResult> CopyOnDevice { get; init; }

    /// <summary>Throws where a call failed.</summary>
    /// <param name="result">What it returned.</param>
    /// <param name="doing">What was being done, in words that follow "while".</param>
    /// <exception cref="CudaException">The call failed.</exception>
    public void Check(CudaResult result, string doing)
    {
        if (result != CudaResult.Success) throw Error(result, doing);
    }

    /// <summary>The error of a call that failed, with the driver's own name and text for it.</summary>
    public CudaException Error(CudaResult result, string doing)
    {
        byte* name = null, text = null;
        string? known = GetErrorName(result, &name) == CudaResult.Success ? Marshal.PtrToStringUTF8((nint)name) : null;
        string? said = GetErrorString(result, &text) == CudaResult.Success ? Marshal.PtrToStringUTF8((nint)text) : null;
        return new CudaException(known ?? $"CUDA error {(int)result}", said ?? "an error that the driver has no text for", doing);
    }
}
