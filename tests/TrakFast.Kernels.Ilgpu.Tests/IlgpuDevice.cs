using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;

namespace TrakFast.Kernels.Tests;

/// <summary>
/// ILGPU's simulator as a device: warps of 32 lanes, groups of up to 256 threads, host memory. Memory starts as NaN, and what is
/// written beyond an end is found when it is freed.
/// </summary>
internal sealed unsafe class IlgpuDevice : IDevice
{
    private const int Guard = 1024;
    private const byte Poison = 0xFF;

    private readonly Context _context;
    private readonly CPUAccelerator _accelerator;
    private readonly Dictionary<string, Delegate> _launchers = [];
    private readonly Dictionary<nint, long> _owned = [];

    public IlgpuDevice()
    {
        _context = Context.Create(builder => DeviceOperations.Register(builder.CPU(new CPUDevice(32, 8, 1)).EnableAlgorithms()));
        _accelerator = _context.CreateCPUAccelerator(0);
    }

    public string Name => "ILGPU's simulator";

    public MemorySpace Space => MemorySpace.Host;

    public int Multiprocessors => 1;

    /// <summary>Pieces of memory that are not freed.</summary>
    public int Alive => _owned.Count;

    public nint Allocate(long bytes)
    {
        byte* memory = (byte*)NativeMemory.AlignedAlloc((nuint)(bytes + (2 * Guard)), 256);
        NativeMemory.Fill(memory, (nuint)(bytes + (2 * Guard)), Poison);
        nint pointer = (nint)(memory + Guard);
        _owned.Add(pointer, bytes);
        return pointer;
    }

    public void Free(nint pointer)
    {
        if (!_owned.Remove(pointer, out long bytes)) throw new InvalidOperationException("Memory is freed that was not allocated.");
        byte* memory = (byte*)pointer - Guard;
        for (long i = 0; i < Guard; i++)
        {
            if (memory[i] != Poison)
                throw new InvalidOperationException($"A kernel wrote {Guard - i} bytes before the start of {bytes} bytes.");
            if (memory[Guard + bytes + i] != Poison)
                throw new InvalidOperationException($"A kernel wrote {i + 1} bytes beyond the end of {bytes} bytes.");
        }

        NativeMemory.AlignedFree(memory);
    }

    public void Clear(nint pointer, long bytes) => NativeMemory.Clear((void*)pointer, (nuint)bytes);

    public void Copy(MemoryView source, MemoryView destination) =>
        NativeMemory.Copy((void*)source.Pointer, (void*)destination.Pointer, (nuint)(source.Length * source.Type.Size()));

    public IPendingCopy StartCopy(MemoryView source, MemoryView destination)
    {
        Copy(source, destination);
        return FinishedCopy.Instance;
    }

    public void Launch(DeviceKernel kernel, Grid3 grid, params ReadOnlySpan<KernelArgument> arguments)
    {
        kernel.Check(arguments);
        if (grid.X == 0 || grid.Y == 0 || grid.Z == 0) return;
        KernelEntry entry = KernelEntry.All[kernel.Name];
        if (entry.Threads != kernel.Threads)
            throw new InvalidOperationException(
                $"Kernel {kernel.Name} is written for groups of {entry.Threads} threads, not {kernel.Threads}.");
        Type[] types = [.. entry.Method.GetParameters().Select(static parameter => parameter.ParameterType)];
        if (!_launchers.TryGetValue(kernel.Name, out Delegate? launcher))
        {
            Type action = System.Linq.Expressions.Expression.GetDelegateType(
                [typeof(AcceleratorStream), typeof(KernelConfig), .. types, typeof(void)]);
            Kernel loaded = _accelerator.LoadKernel(entry.Method);
            launcher =
                (Delegate)typeof(Kernel).GetMethod(nameof(Kernel.CreateLauncherDelegate))!.MakeGenericMethod(action).Invoke(loaded, null)!;
            _launchers.Add(kernel.Name, launcher);
        }

        List<MemoryBuffer> buffers = [];
        object[] values = new object[arguments.Length + 2];
        values[0] = _accelerator.DefaultStream;
        values[1] = new KernelConfig(
            new Index3D(checked((int)grid.X), checked((int)grid.Y), checked((int)grid.Z)), new Index3D(kernel.Threads, 1, 1),
            kernel.SharedBytes == 0 ? default : SharedMemoryConfig.RequestDynamic<byte>(kernel.SharedBytes));
        for (int i = 0; i < arguments.Length; i++) values[i + 2] = Value(arguments[i], types[i], buffers);
        launcher.DynamicInvoke(values);
        _accelerator.Synchronize();
        foreach (MemoryBuffer buffer in buffers) buffer.Dispose();
    }

    public void Synchronize() => _accelerator.Synchronize();

    public void Dispose()
    {
        _accelerator.Dispose();
        _context.Dispose();
    }

    private object Value(KernelArgument argument, Type type, List<MemoryBuffer> buffers)
    {
        return argument.Kind switch
        {
            ArgumentKind.Int32 => type == typeof(uint) ? (uint)argument.Bits : (int)argument.Bits,
            ArgumentKind.Int64 => argument.Bits,
            ArgumentKind.Float32 => BitConverter.Int32BitsToSingle((int)argument.Bits),
            ArgumentKind.Floats => View<float>(),
            ArgumentKind.Doubles => View<double>(),
            ArgumentKind.Ints => View<int>(),
            ArgumentKind.UShorts => View<ushort>(),
            ArgumentKind.Longs => View<long>(),
            _ => throw new NotSupportedException($"{argument.Kind} is not passed on."),
        };

        ArrayView<T> View<T>()
            where T : unmanaged
        {
            if (argument.Length == 0) return default;
            CPUMemoryBuffer buffer = CPUMemoryBuffer.Create(_accelerator, (nint)argument.Bits, argument.Length, sizeof(T));
            buffers.Add(buffer);
            return new ArrayView<T>(buffer, 0, argument.Length);
        }
    }
}
