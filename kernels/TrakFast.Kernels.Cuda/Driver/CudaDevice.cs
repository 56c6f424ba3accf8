namespace TrakFast.Kernels;

/// <summary>
/// A CUDA device through NVIDIA's driver alone, in the device's primary context. All work goes to one stream, in order; by default
/// the legacy default stream, behind which torch's default stream is ordered too. Device memory that others own, such as a
/// torch tensor's, is read and written where it lies.
/// </summary>
internal sealed unsafe class CudaDevice : IDevice
{
    private const long MostGroupsX = int.MaxValue, MostGroups = 65535;

    private readonly CudaContext _context;
    private readonly CudaDriver _driver;
    private readonly CudaModules _modules;
    private readonly nint _stream;
    private readonly Lock _stagingLock = new();
    private readonly PinnedDownloads _downloads;
    private PinnedStaging? _staging;
    private bool _isDisposed;

    /// <summary>Opens a device.</summary>
    /// <param name="driver">The driver's functions.</param>
    /// <param name="ordinal">The device's number.</param>
    /// <param name="stream">A stream of the primary context, owned by the caller, or 0 for the legacy default stream.</param>
    /// <param name="library">The kernels that can be launched; <see cref="PtxLibrary.Shipped"/> where null.</param>
    /// <exception cref="CudaException">There is no such device, or the kernels cannot run on it.</exception>
    public CudaDevice(CudaDriver driver, int ordinal, nint stream, PtxLibrary? library = null)
    {
        _driver = driver;
        _stream = stream;
        _context = new CudaContext(driver, CudaDeviceInfo.Read(driver, ordinal));
        _modules = new CudaModules(_context, library ?? PtxLibrary.Shipped);
        _downloads = new PinnedDownloads(_context, stream);
    }

    /// <inheritdoc/>
    public string Name => $"{Info.Name} (sm_{Info.Major}{Info.Minor})";

    /// <summary>What the device is.</summary>
    public CudaDeviceInfo Info => _context.Info;

    /// <inheritdoc/>
    public MemorySpace Space => new(MemoryKind.Cuda, Info.Ordinal);

    /// <inheritdoc/>
    public int Multiprocessors => Info.Multiprocessors;

    /// <summary>Makes sure that the driver takes a kernel.</summary>
    /// <exception cref="CudaException">It does not.</exception>
    public void Load(DeviceKernel kernel)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        _ = _modules.Function(kernel);
    }

    /// <summary>A mark in this device's order of work, for timing. The caller owns it.</summary>
    public CudaEvent CreateEvent()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return new CudaEvent(_context, _stream, timed: true);
    }

    /// <inheritdoc/>
    public nint Allocate(long bytes)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        using CudaContext.Scope scope = _context.Enter();
        nint pointer;
        CudaResult result = _driver.MemoryAllocate(&pointer, (nuint)bytes);
        if (result != CudaResult.Success) throw _driver.Error(result, $"allocating {Amount(bytes)} on {Info.Name}{Room()}");
        _context.Own();
        return pointer;
    }

    /// <inheritdoc/>
    public void Free(nint pointer)
    {
        using (CudaContext.Scope scope = _context.Enter()) _context.Check(_driver.MemoryFree(pointer), "freeing memory");
        _context.Release();
    }

    /// <inheritdoc/>
    public void Clear(nint pointer, long bytes)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (bytes == 0) return;
        using CudaContext.Scope scope = _context.Enter();
        _context.Check(_driver.MemorySet(pointer, 0, (nuint)bytes, _stream), "clearing memory");
    }

    /// <inheritdoc/>
    public void Copy(MemoryView source, MemoryView destination)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        long bytes = source.Length * source.Type.Size();
        if (bytes == 0) return;
        switch (IsHere(source), IsHere(destination))
        {
            case (false, false):
                Buffer.MemoryCopy((void*)source.Pointer, (void*)destination.Pointer, bytes, bytes);
                break;
            case (true, true):
                using (CudaContext.Scope scope = _context.Enter())
                    _context.Check(_driver.CopyOnDevice(destination.Pointer, source.Pointer, (nuint)bytes, _stream), "copying");
                break;
            case (false, true):
                lock (_stagingLock) Staging().Upload(source.Pointer, destination.Pointer, bytes);
                break;
            case (true, false):
                lock (_stagingLock) Staging().Download(source.Pointer, destination.Pointer, bytes);
                break;
        }
    }

    /// <inheritdoc/>
    public IPendingCopy StartCopy(MemoryView source, MemoryView destination)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return _downloads.Start(source.Pointer, destination.Pointer, source.Length * source.Type.Size());
    }

    /// <inheritdoc/>
    public void Launch(DeviceKernel kernel, Grid3 grid, params ReadOnlySpan<KernelArgument> arguments)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        kernel.Check(arguments);
        if (grid.X == 0 || grid.Y == 0 || grid.Z == 0) return;
        if (grid.X is < 0 or > MostGroupsX || grid.Y is < 0 or > MostGroups || grid.Z is < 0 or > MostGroups)
            throw new ArgumentOutOfRangeException(
                nameof(grid),
                $"Kernel {kernel.Name} cannot be launched in {grid.X} × {grid.Y} × {grid.Z} groups; "
                + $"{MostGroupsX} × {MostGroups} × {MostGroups} are the most.");

        // Memory is passed as 16 bytes, address and length; a number as its first 4 or 8.
        long* blocks = stackalloc long[2 * arguments.Length];
        void** parameters = stackalloc void*[arguments.Length];
        for (int i = 0; i < arguments.Length; i++)
        {
            blocks[2 * i] = arguments[i].Bits;
            blocks[(2 * i) + 1] = arguments[i].Length;
            parameters[i] = blocks + (2 * i);
        }

        nint function = _modules.Function(kernel);
        using CudaContext.Scope scope = _context.Enter();
        CudaResult result = _driver.LaunchKernel(
            function, (uint)grid.X, (uint)grid.Y, (uint)grid.Z, (uint)kernel.Threads, 1, 1,
            (uint)kernel.SharedBytes, _stream, parameters, null);
        if (result != CudaResult.Success)
            throw _context.Error(
                result, $"launching kernel {kernel.Name} in {grid.X} × {grid.Y} × {grid.Z} groups of {kernel.Threads} threads");
    }

    /// <inheritdoc/>
    public void Synchronize()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        using CudaContext.Scope scope = _context.Enter();
        _context.Check(_driver.StreamSynchronize(_stream), "waiting for work");
    }

    /// <summary>
    /// Waits for the device and gives back what belongs to it. Memory that is still allocated stays valid until freed, and keeps
    /// the context.
    /// </summary>
    public void Dispose()
    {
        if (_isDisposed) return;
        try
        {
            Synchronize();
            _staging?.Dispose();
            _downloads.Dispose();
            _modules.Dispose();
        }
        finally
        {
            _isDisposed = true;
            _context.Release();
        }
    }

    private PinnedStaging Staging() => _staging ??= new PinnedStaging(_context, _stream);

    private bool IsHere(MemoryView view)
    {
        if (view.Space == Space) return true;
        return view.Space == MemorySpace.Host ? false : throw new ArgumentException($"Memory on {view.Space} cannot be copied by {Space}.");
    }

    private string Room()
    {
        nuint free, total;
        return _driver.MemoryGetInfo(&free, &total) == CudaResult.Success
            ? $", where {Amount((long)free)} of {Amount((long)total)} are free"
            : "";
    }

    private static string Amount(long bytes) => FormattableString.Invariant($"{(bytes + (1 << 20) - 1) >> 20:N0} MiB");
}
