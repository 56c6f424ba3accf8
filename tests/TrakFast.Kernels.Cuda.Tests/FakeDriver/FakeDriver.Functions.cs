using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TrakFast.Kernels.Tests;

/// <summary>The functions, as unmanaged code calls them.</summary>
internal sealed unsafe partial class FakeDriver
{
    /// <summary>The one primary context.</summary>
    public const nint Context = 77;

    private const CudaResult InvalidValue = (CudaResult)1;

    /// <summary>The table that is handed to the driver layer.</summary>
    public CudaDriver Functions { get; } = new()
    {
        Init = &Init,
        DriverGetVersion = &DriverGetVersion,
        GetErrorName = &GetErrorName,
        GetErrorString = &GetErrorString,
        DeviceGetCount = &DeviceGetCount,
        DeviceGet = &DeviceGet,
        DeviceGetName = &DeviceGetName,
        DeviceTotalMem = &DeviceTotalMem,
        DeviceGetAttribute = &DeviceGetAttribute,
        PrimaryContextRetain = &PrimaryContextRetain,
        PrimaryContextRelease = &PrimaryContextRelease,
        ContextPush = &ContextPush,
        ContextPop = &ContextPop,
        ModuleLoad = &ModuleLoad,
        ModuleUnload = &ModuleUnload,
        ModuleGetFunction = &ModuleGetFunction,
        FunctionSetAttribute = &FunctionSetAttribute,
        LaunchKernel = &LaunchKernel,
        StreamSynchronize = &StreamSynchronize,
        EventCreate = &EventCreate,
        EventDestroy = &EventDestroy,
        EventRecord = &EventRecord,
        EventSynchronize = &EventSynchronize,
        EventElapsedTime = &EventElapsedTime,
        MemoryGetInfo = &MemoryGetInfo,
        MemoryAllocate = &MemoryAllocate,
        MemoryFree = &MemoryFree,
        HostAllocate = &HostAllocate,
        HostFree = &HostFree,
        MemorySet = &MemorySet,
        CopyToDevice = &CopyToDevice,
        CopyToHost = &CopyToHost,
        CopyOnDevice = &CopyOnDevice,
    };

    [UnmanagedCallersOnly]
    private static CudaResult Init(uint flags) => flags != 0 ? InvalidValue : Driver.Begin("cuInit", needsContext: false);

    [UnmanagedCallersOnly]
    private static CudaResult DriverGetVersion(int* version)
    {
        *version = Driver.Version;
        return CudaResult.Success;
    }

    [UnmanagedCallersOnly]
    private static CudaResult GetErrorName(CudaResult error, byte** text) => Say(text, (int)error switch
    {
        1 => "CUDA_ERROR_INVALID_VALUE"u8,
        2 => "CUDA_ERROR_OUT_OF_MEMORY"u8,
        101 => "CUDA_ERROR_INVALID_DEVICE"u8,
        201 => "CUDA_ERROR_INVALID_CONTEXT"u8,
        218 => "CUDA_ERROR_INVALID_PTX"u8,
        700 => "CUDA_ERROR_ILLEGAL_ADDRESS"u8,
        _ => default,
    });

    [UnmanagedCallersOnly]
    private static CudaResult GetErrorString(CudaResult error, byte** text) => Say(text, (int)error switch
    {
        1 => "invalid argument"u8,
        2 => "out of memory"u8,
        101 => "invalid device ordinal"u8,
        201 => "invalid device context"u8,
        218 => "a PTX JIT compilation failed"u8,
        700 => "an illegal memory access was encountered"u8,
        _ => default,
    });

    [UnmanagedCallersOnly]
    private static CudaResult DeviceGetCount(int* count)
    {
        *count = Driver.Devices.Count;
        return CudaResult.Success;
    }

    [UnmanagedCallersOnly]
    private static CudaResult DeviceGet(int* device, int ordinal)
    {
        *device = ordinal + 40;
        return CudaResult.Success;
    }

    [UnmanagedCallersOnly]
    private static CudaResult DeviceGetName(byte* name, int bytes, int device)
    {
        Span<byte> target = new(name, bytes);
        target.Clear();
        System.Text.Encoding.UTF8.GetBytes(Driver.Devices[device - 40].Name, target);
        return CudaResult.Success;
    }

    [UnmanagedCallersOnly]
    private static CudaResult DeviceTotalMem(nuint* bytes, int device)
    {
        *bytes = (nuint)Driver.Devices[device - 40].Bytes;
        return CudaResult.Success;
    }

    [UnmanagedCallersOnly]
    private static CudaResult DeviceGetAttribute(int* value, int attribute, int device)
    {
        FakeDevice at = Driver.Devices[device - 40];
        *value = attribute switch { 16 => 132, 75 => at.Major, 76 => at.Minor, _ => -1 };
        return *value < 0 ? InvalidValue : CudaResult.Success;
    }

    [UnmanagedCallersOnly]
    private static CudaResult PrimaryContextRetain(nint* context, int device)
    {
        CudaResult result = Driver.Begin("cuDevicePrimaryCtxRetain", needsContext: false);
        if (result != CudaResult.Success) return result;
        Driver.Retained++;
        *context = Context;
        return result;
    }

    [UnmanagedCallersOnly]
    private static CudaResult PrimaryContextRelease(int device)
    {
        if (Driver.Retained == 0) return InvalidValue;
        Driver.Retained--;
        return Driver.Begin("cuDevicePrimaryCtxRelease", needsContext: false);
    }

    [UnmanagedCallersOnly]
    private static CudaResult ContextPush(nint context)
    {
        Driver.Contexts.Push(context);
        return CudaResult.Success;
    }

    [UnmanagedCallersOnly]
    private static CudaResult ContextPop(nint* context) => Driver.Contexts.TryPop(out *context) ? CudaResult.Success : InvalidValue;

    [UnmanagedCallersOnly]
    private static CudaResult ModuleLoad(nint* module, byte* image, uint count, int* options, nint* values)
    {
        CudaResult result = Driver.Begin("cuModuleLoadDataEx");
        if (count != 2 || options[0] != 5 || options[1] != 6) return InvalidValue;
        if (result != CudaResult.Success)
        {
            System.Text.Encoding.UTF8.GetBytes(Driver.Log, new Span<byte>((void*)values[0], (int)values[1]));
            return result;
        }

        *module = Driver.NewHandle();
        Driver._modules.Add(*module, PtxSignature.Of(Marshal.PtrToStringUTF8((nint)image)!));
        return result;
    }

    [UnmanagedCallersOnly]
    private static CudaResult ModuleUnload(nint module)
    {
        CudaResult result = Driver.Begin("cuModuleUnload");
        return result != CudaResult.Success ? result : Driver._modules.Remove(module) ? result : InvalidValue;
    }

    [UnmanagedCallersOnly]
    private static CudaResult ModuleGetFunction(nint* function, nint module, byte* name)
    {
        CudaResult result = Driver.Begin("cuModuleGetFunction");
        if (result != CudaResult.Success) return result;
        if (!Driver._modules.TryGetValue(module, out PtxSignature? signature) || Marshal.PtrToStringUTF8((nint)name) != signature.Entry)
            return (CudaResult)500;
        *function = Driver.NewHandle();
        Driver._functions.Add(*function, module);
        return result;
    }

    [UnmanagedCallersOnly]
    private static CudaResult FunctionSetAttribute(nint function, int attribute, int value)
    {
        CudaResult result = Driver.Begin("cuFuncSetAttribute");
        if (result != CudaResult.Success) return result;
        if (attribute != 8 || !Driver._functions.ContainsKey(function)) return InvalidValue;
        Driver.AllowedSharedBytes.Add(value);
        return result;
    }

    [UnmanagedCallersOnly]
    private static CudaResult LaunchKernel(
        nint function, uint gridX, uint gridY, uint gridZ, uint blockX, uint blockY, uint blockZ, uint sharedBytes,
        nint stream, void** parameters, void** extra)
    {
        // Parameters are read when the launch is asked for, each as long as the kernel says.
        if (extra is not null || !Driver._functions.TryGetValue(function, out nint module)) return InvalidValue;
        PtxSignature signature = Driver._modules[module];
        int[] sizes = Driver.ParameterBytes ?? [.. signature.Parameters.Select(PtxSignature.BytesOf)];
        FakeLaunch launch = new(
            signature.Entry, (gridX, gridY, gridZ), (blockX, blockY, blockZ), sharedBytes, stream, [.. sizes.Select(Parameter)]);
        return Driver.Later("cuLaunchKernel", stream, () => Driver.Launches.Add(launch));

        byte[] Parameter(int size, int i) => new Span<byte>(parameters[i], size).ToArray();
    }

    [UnmanagedCallersOnly]
    private static CudaResult StreamSynchronize(nint stream)
    {
        CudaResult result = Driver.Begin("cuStreamSynchronize");
        if (result == CudaResult.Success) Driver.Finish(long.MaxValue);
        return result;
    }

    [UnmanagedCallersOnly]
    private static CudaResult EventCreate(nint* made, uint flags)
    {
        CudaResult result = Driver.Begin("cuEventCreate");
        if (result != CudaResult.Success) return result;
        *made = Driver.NewHandle();
        Driver._events.Add(*made, 0);
        return result;
    }

    [UnmanagedCallersOnly]
    private static CudaResult EventDestroy(nint made)
    {
        CudaResult result = Driver.Begin("cuEventDestroy");
        return result != CudaResult.Success ? result : Driver._events.Remove(made) ? result : InvalidValue;
    }

    [UnmanagedCallersOnly]
    private static CudaResult EventRecord(nint made, nint stream)
    {
        Driver._events[made] = Driver._done + Driver._stream.Count + 1;
        return Driver.Later("cuEventRecord", stream, static () => { });
    }

    [UnmanagedCallersOnly]
    private static CudaResult EventSynchronize(nint made)
    {
        CudaResult result = Driver.Begin("cuEventSynchronize");
        if (result == CudaResult.Success) Driver.Finish(Driver._events[made]);
        return result;
    }

    // A millisecond for each piece of work.
    [UnmanagedCallersOnly]
    private static CudaResult EventElapsedTime(float* milliseconds, nint start, nint end)
    {
        *milliseconds = Driver._events[end] - Driver._events[start];
        return Driver._done < Driver._events[end] ? (CudaResult)600 : Driver.Begin("cuEventElapsedTime");
    }

    [UnmanagedCallersOnly]
    private static CudaResult MemoryGetInfo(nuint* free, nuint* total)
    {
        *total = (nuint)Driver.Devices[0].Bytes;
        *free = *total - (nuint)Driver._memory.Values.Sum();
        return Driver.Begin("cuMemGetInfo");
    }

    [UnmanagedCallersOnly]
    private static CudaResult MemoryAllocate(nint* pointer, nuint bytes) =>
        Driver.Allocate("cuMemAlloc", Driver._memory, (void**)pointer, bytes);

    [UnmanagedCallersOnly]
    private static CudaResult MemoryFree(nint pointer) => Driver.Free("cuMemFree", Driver._memory, pointer);

    [UnmanagedCallersOnly]
    private static CudaResult HostAllocate(void** pointer, nuint bytes, uint flags) =>
        Driver.Allocate("cuMemHostAlloc", Driver._pinned, pointer, bytes);

    [UnmanagedCallersOnly]
    private static CudaResult HostFree(void* pointer) => Driver.Free("cuMemFreeHost", Driver._pinned, (nint)pointer);

    [UnmanagedCallersOnly]
    private static CudaResult MemorySet(nint pointer, byte value, nuint bytes, nint stream) =>
        Driver.Later("cuMemsetD8Async", stream, () => NativeMemory.Fill((void*)pointer, bytes, value));

    [UnmanagedCallersOnly]
    private static CudaResult CopyToDevice(nint device, void* host, nuint bytes, nint stream) =>
        IsPinned(host, bytes)
            ? Driver.Later("cuMemcpyHtoDAsync", stream, () => NativeMemory.Copy(host, (void*)device, bytes))
            : InvalidValue;

    [UnmanagedCallersOnly]
    private static CudaResult CopyToHost(void* host, nint device, nuint bytes, nint stream) =>
        IsPinned(host, bytes)
            ? Driver.Later("cuMemcpyDtoHAsync", stream, () => NativeMemory.Copy((void*)device, host, bytes))
            : InvalidValue;

    [UnmanagedCallersOnly]
    private static CudaResult CopyOnDevice(nint destination, nint source, nuint bytes, nint stream) =>
        Driver.Later("cuMemcpyDtoDAsync", stream, () => NativeMemory.Copy((void*)source, (void*)destination, bytes));

    private static bool IsPinned(void* host, nuint bytes) =>
        Driver._pinned.Any(piece => (nint)host >= piece.Key && (nint)host + (nint)bytes <= piece.Key + (nint)piece.Value);

    // Constant data of the program, which has an address of its own and ends with a zero.
    private static CudaResult Say(byte** text, ReadOnlySpan<byte> said)
    {
        *text = said.IsEmpty ? null : (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(said));
        return said.IsEmpty ? InvalidValue : CudaResult.Success;
    }
}
