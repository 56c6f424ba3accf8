namespace TrakFast.Kernels;

/// <summary>Host memory of any element type.</summary>
internal sealed unsafe class CpuBuffer(ElementType type, long length) : IBackendBuffer
{
    private readonly NativeBuffer<byte> _bytes = new(checked(length * type.Size()));

    /// <inheritdoc/>
    public MemoryView View => new((nint)_bytes.Pointer, length, type, MemorySpace.Host);

    /// <inheritdoc/>
    public void Dispose() => _bytes.Dispose();
}
