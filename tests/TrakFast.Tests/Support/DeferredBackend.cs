using TrakFast.Kernels;

namespace TrakFast.Tests.Support;

/// <summary>The CPU backend as a device would be: what is copied to the host arrives when it is waited for, and not before.</summary>
internal sealed unsafe class DeferredBackend : IKernelBackend
{
    private readonly CpuBackend _backend = new(Workers.Single);

    /// <summary>Copies that were started.</summary>
    public int Started { get; private set; }

    /// <summary>Copies that were waited for.</summary>
    public int Completed { get; private set; }

    public string Name => "deferred";

    public MemorySpace Space => _backend.Space;

    public Workers Workers => _backend.Workers;

    public IBackendBuffer Allocate(ElementType type, long length) => _backend.Allocate(type, length);

    public void Clear(MemoryView memory) => _backend.Clear(memory);

    public void Copy(MemoryView source, MemoryView destination) => _backend.Copy(source, destination);

    public IPendingCopy StartCopy(MemoryView source, MemoryView destination)
    {
        Started++;
        return new Later(this, new ReadOnlySpan<float>(source.Floats, (int)source.Length).ToArray(), destination);
    }

    public void Project(in Projection projection, GradientBlock block, MemoryView features) =>
        _backend.Project(projection, block, features);

    public IGramAccumulator CreateGram(int dimension) => _backend.CreateGram(dimension);

    public void Score(
        IReadOnlyList<MemoryView> train, IReadOnlyList<MemoryView> targets, MemoryView rowScale, long firstRow, ScoreSink sink) =>
        _backend.Score(train, targets, rowScale, firstRow, sink);

    public void Synchronize() => _backend.Synchronize();

    public void Dispose() => _backend.Dispose();

    private sealed class Later(DeferredBackend backend, float[] values, MemoryView destination) : IPendingCopy
    {
        public bool IsComplete { get; private set; }

        public void Complete()
        {
            if (IsComplete) return;
            values.CopyTo(new Span<float>(destination.Floats, values.Length));
            IsComplete = true;
            backend.Completed++;
        }
    }
}
