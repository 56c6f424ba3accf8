using TrakFast.Kernels;

namespace TrakFast;

/// <summary>Owns float32 buffers of one backend that live and die together.</summary>
internal sealed class BufferSet : IDisposable
{
    private readonly IKernelBackend _backend;
    private readonly List<IBackendBuffer> _buffers = [];

    public BufferSet(IKernelBackend backend) => _backend = backend;

    /// <summary>Allocates zeroed float32 elements.</summary>
    public MemoryView Allocate(long length)
    {
        IBackendBuffer buffer = _backend.Allocate(ElementType.Float32, length);
        _buffers.Add(buffer);
        return buffer.View;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IBackendBuffer buffer in _buffers) buffer.Dispose();
    }
}
