using System.Runtime.InteropServices;

namespace TrakFast.Kernels;

/// <summary>The kernels of this library on host memory. Scratch is kept between calls and freed on disposal.</summary>
/// <param name="workers">Threads to use.</param>
public sealed unsafe class CpuBackend(Workers workers) : IKernelBackend
{
    private readonly ScratchPool _pool = new();

    /// <inheritdoc/>
    public string Name { get; } = $"cpu ({Simd.Name}, {workers.Threads} {(workers.Threads == 1 ? "thread" : "threads")})";

    /// <inheritdoc/>
    public MemorySpace Space => MemorySpace.Host;

    /// <inheritdoc/>
    public Workers Workers { get; } = workers;

    /// <inheritdoc/>
    public IBackendBuffer Allocate(ElementType type, long length) => new CpuBuffer(type, length);

    /// <inheritdoc/>
    public void Clear(MemoryView memory)
    {
        Require(memory, nameof(memory));
        NativeMemory.Clear((void*)memory.Pointer, (nuint)memory.Length * (nuint)memory.Type.Size());
    }

    /// <inheritdoc/>
    public void Copy(MemoryView source, MemoryView destination)
    {
        Require(source, nameof(source));
        Require(destination, nameof(destination));
        BlockShape.CheckCopy(source, destination);
        long bytes = source.Length * source.Type.Size();
        Buffer.MemoryCopy((void*)source.Pointer, (void*)destination.Pointer, bytes, bytes);
    }

    /// <inheritdoc/>
    public IPendingCopy StartCopy(MemoryView source, MemoryView destination)
    {
        Copy(source, destination);
        return FinishedCopy.Instance;
    }

    /// <inheritdoc/>
    public void Project(in Projection projection, GradientBlock block, MemoryView features)
    {
        BlockShape.Check(projection);
        Require(features, nameof(features), ElementType.Float32, (long)block.Batch * projection.Dimension);
        BlockShape.Check(block, MemorySpace.Host);
        if (block.Batch == 0) return;

        if (projection.Factors(block.Parameter))
        {
            new KroneckerProjector(projection, Workers, _pool).Project(block, features.Floats);
            return;
        }

        Projector projector = Projector.Of(projection, Workers, _pool);
        if (block is RowsBlock rows) projector.Project(rows, features.Floats);
        else projector.Project(TileSource.Of(block), features.Floats);
    }

    /// <inheritdoc/>
    public IGramAccumulator CreateGram(int dimension) => new CpuGram(dimension, Workers, _pool);

    /// <inheritdoc/>
    public void Score(
        IReadOnlyList<MemoryView> train, IReadOnlyList<MemoryView> targets, MemoryView rowScale, long firstRow, ScoreSink sink) =>
        CpuScores.Run(Workers, _pool, train, targets, rowScale, firstRow, sink);

    /// <inheritdoc/>
    public void Synchronize()
    {
        // Every call returns when its work is done.
    }

    /// <inheritdoc/>
    public void Dispose() => _pool.Dispose();

    private static void Require(MemoryView view, string name)
    {
        if (view.Space != MemorySpace.Host)
            throw new ArgumentException($"{name} lies on {view.Space}; the CPU backend works on host memory.", name);
    }

    private static void Require(MemoryView view, string name, ElementType type, long length)
    {
        Require(view, name);
        if (view.Type != type || view.Length != length)
            throw new ArgumentException($"{name} holds {view.Length} × {view.Type}; {length} × {type} are needed.", name);
    }
}
