namespace TrakFast.Kernels;

/// <summary>
/// The arithmetic of attribution on a device: plans each call from the shapes alone and launches its kernels, in one order. What
/// the device is, only <see cref="IDevice"/> knows.
/// </summary>
/// <param name="device">Where everything is done.</param>
/// <param name="workers">Host threads.</param>
/// <param name="arithmetic">How it multiplies; not as <see cref="DeviceArithmetic.Reference"/>.</param>
internal sealed class DeviceBackend(IDevice device, Workers workers, DeviceArithmetic arithmetic = DeviceArithmetic.TensorCores)
    : IKernelBackend
{
    private readonly DeviceScratch _scratch = new(device);
    private readonly ScratchPool _pool = new();
    private bool _isDisposed;

    /// <inheritdoc/>
    public string Name => device.Name;

    /// <inheritdoc/>
    public MemorySpace Space => device.Space;

    /// <inheritdoc/>
    public Workers Workers { get; } = workers;

    /// <inheritdoc/>
    public IBackendBuffer Allocate(ElementType type, long length)
    {
        DeviceBuffer buffer = new(device, type, length);
        Clear(buffer.View);
        return buffer;
    }

    /// <inheritdoc/>
    public void Clear(MemoryView memory)
    {
        Require(memory, nameof(memory));
        device.Clear(memory.Pointer, memory.Length * memory.Type.Size());
    }

    /// <inheritdoc/>
    public void Copy(MemoryView source, MemoryView destination)
    {
        BlockShape.CheckCopy(source, destination);
        if (source.Length > 0) device.Copy(source, destination);
    }

    /// <inheritdoc/>
    public IPendingCopy StartCopy(MemoryView source, MemoryView destination)
    {
        BlockShape.CheckCopy(source, destination);
        Require(source, nameof(source));
        if (destination.Space != MemorySpace.Host)
            throw new ArgumentException(
                $"{nameof(destination)} lies on {destination.Space}; copies are started to the host.", nameof(destination));
        return source.Length == 0 ? FinishedCopy.Instance : device.StartCopy(source, destination);
    }

    /// <inheritdoc/>
    public void Project(in Projection projection, GradientBlock block, MemoryView features)
    {
        BlockShape.Check(projection);
        Require(features, nameof(features), (long)block.Batch * projection.Dimension);
        BlockShape.Check(block, Space);
        if (block.Batch == 0) return;
        new ProjectionLaunches(device, _scratch, projection, arithmetic).Project(block, features);
    }

    /// <inheritdoc/>
    public IGramAccumulator CreateGram(int dimension) => new DeviceGram(device, _scratch, Workers, dimension, arithmetic);

    /// <inheritdoc/>
    public void Score(
        IReadOnlyList<MemoryView> train, IReadOnlyList<MemoryView> targets, MemoryView rowScale, long firstRow, ScoreSink sink)
    {
        ScoreShape.Check(train, targets, rowScale.Length, sink.Targets);
        if (rowScale.Length == 0 || sink.Targets == 0) return;
        foreach (MemoryView features in train) Require(features, nameof(train), features.Length);
        foreach (MemoryView features in targets) Require(features, nameof(targets), features.Length);
        Require(rowScale, nameof(rowScale), rowScale.Length);
        if (train.Count == 0) train = targets = [rowScale.Slice(0, 0)];
        TopPlan plan = TopPlan.Default with { Version = arithmetic };
        switch (sink)
        {
            case TileSink tiles:
                ScoreLaunches.ToTiles(device, _scratch, _pool, train, targets, rowScale, firstRow, tiles, arithmetic);
                break;
            case TopSink top when top.Count <= plan.MostKept:
                TopLaunches.Run(device, _scratch, Workers, train, targets, rowScale, firstRow, top, plan);
                break;
            case TopSink top:
                ScoreLaunches.ToColumns(device, _scratch, _pool, Workers, train, targets, rowScale, firstRow, top, arithmetic);
                break;
            default: throw new NotSupportedException($"{sink.GetType().Name} is not a sink this backend knows.");
        }
    }

    /// <inheritdoc/>
    public void Synchronize() => device.Synchronize();

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        _pool.Dispose();
        try
        {
            device.Synchronize();
            _scratch.Dispose();
        }
        finally
        {
            device.Dispose();
        }
    }

    private void Require(MemoryView view, string name)
    {
        if (view.Space != Space) throw new ArgumentException($"{name} lies on {view.Space}; this backend works on {Space}.", name);
    }

    private void Require(MemoryView view, string name, long length)
    {
        Require(view, name);
        if (view.Type != ElementType.Float32 || view.Length != length)
            throw new ArgumentException($"{name} holds {view.Length} × {view.Type}; {length} × {ElementType.Float32} are needed.", name);
    }
}

/// <summary>Device memory with one owner.</summary>
internal sealed class DeviceBuffer(IDevice device, ElementType type, long length) : IBackendBuffer
{
    private nint _pointer = device.Allocate(Math.Max(1, checked(length * type.Size())));

    /// <inheritdoc/>
    public MemoryView View => new(_pointer, length, type, device.Space);

    /// <inheritdoc/>
    public void Dispose()
    {
        nint pointer = Interlocked.Exchange(ref _pointer, 0);
        if (pointer != 0) device.Free(pointer);
    }
}
