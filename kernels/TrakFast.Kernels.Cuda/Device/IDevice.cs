namespace TrakFast.Kernels;

/// <summary>
/// What the device backend asks of a device: memory, copies and launches, all in one order. a CUDA device is the real one;
/// ILGPU's simulator stands in for it in tests, so that the same launches run without a GPU.
/// </summary>
internal interface IDevice : IDisposable
{
    /// <summary>A short name for people, such as <c>NVIDIA H100 (sm_90)</c>.</summary>
    string Name { get; }

    /// <summary>Where this device's memory lies.</summary>
    MemorySpace Space { get; }

    /// <summary>Multiprocessors: how many groups must be launched to keep the device busy. Never what a result depends on.</summary>
    int Multiprocessors { get; }

    /// <summary>Allocates device memory, not cleared, at least 256-byte aligned.</summary>
    nint Allocate(long bytes);

    /// <summary>Frees what <see cref="Allocate"/> gave.</summary>
    void Free(nint pointer);

    /// <summary>Sets memory to zero, in order with the launches.</summary>
    void Clear(nint pointer, long bytes);

    /// <summary>
    /// Copies bytes between the host and the device or within either, in order with the launches.
    /// Copies that touch the host are complete on return.
    /// </summary>
    void Copy(MemoryView source, MemoryView destination);

    /// <summary>Starts a copy from the device to the host, in order with the launches.</summary>
    IPendingCopy StartCopy(MemoryView source, MemoryView destination);

    /// <summary>Starts a kernel, in order with everything else.</summary>
    /// <param name="kernel">What to run.</param>
    /// <param name="grid">Groups along the three axes.</param>
    /// <param name="arguments">As the kernel's signature says.</param>
    void Launch(DeviceKernel kernel, Grid3 grid, params ReadOnlySpan<KernelArgument> arguments);

    /// <summary>Waits for everything asked so far.</summary>
    void Synchronize();
}

/// <summary>Groups along the three axes; an axis of 0 groups launches nothing.</summary>
/// <param name="X">At most 2³¹ − 1.</param>
/// <param name="Y">At most 65,535.</param>
/// <param name="Z">At most 65,535.</param>
internal readonly record struct Grid3(long X, long Y = 1, long Z = 1);
