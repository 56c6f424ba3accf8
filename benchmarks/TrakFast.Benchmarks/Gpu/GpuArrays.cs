using TrakFast.Cli.Bench;
using TrakFast.Kernels;

namespace TrakFast.Benchmarks.Gpu;

/// <summary>Arrays on a device, freed together.</summary>
internal sealed class GpuArrays(IKernelBackend backend) : IDisposable
{
    /// <summary>Bytes that inputs of one kind take together at least: more than any second-level cache holds.</summary>
    private const long PastTheCache = 256L << 20;

    private const int Uploaded = 1 << 22;

    private readonly List<IBackendBuffer> _buffers = [];

    /// <summary>Zeros.</summary>
    public MemoryView Zeros(long length, ElementType type = ElementType.Float32)
    {
        IBackendBuffer buffer = backend.Allocate(type, length);
        _buffers.Add(buffer);
        return buffer.View;
    }

    /// <summary>Numbers between −1 and 1, which repeat after four million.</summary>
    public MemoryView Random(long length)
    {
        MemoryView view = Zeros(length);
        using NativeBuffer<float> host = Data.Random(Math.Min(length, Uploaded));
        for (long start = 0; start < length; start += host.Length)
        {
            long count = Math.Min(host.Length, length - start);
            backend.Copy(host.View().Slice(0, count), view.Slice(start, count));
        }

        return view;
    }

    /// <summary>So many inputs of a length that using them in turn finds none of them in a cache.</summary>
    public MemoryView[] Rotated(long length) =>
        [.. Enumerable.Range(0, (int)Math.Clamp(PastTheCache / (length * sizeof(float)), 2, 64)).Select(_ => Random(length))];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IBackendBuffer buffer in _buffers) buffer.Dispose();
    }
}
