using System.Numerics;
using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>
/// Aligned native memory that is used again instead of freed. Whoever rents a buffer is its one owner until it is
/// returned. Contents are whatever the last owner left.
/// </summary>
internal sealed class BufferPool : IDisposable
{
    private const long Smallest = 1024;
    private readonly Lock _lock = new();
    private readonly Dictionary<long, Stack<NativeBuffer<float>>> _free = [];
    private bool _disposed;

    public NativeBuffer<float> Rent(long length)
    {
        long size = Size(length);
        lock (_lock)
        {
            if (_free.TryGetValue(size, out Stack<NativeBuffer<float>>? stack) && stack.TryPop(out NativeBuffer<float>? buffer)) return buffer;
        }

        return new NativeBuffer<float>(size);
    }

    public void Return(NativeBuffer<float> buffer)
    {
        lock (_lock)
        {
            // A pass may outlive its model; what it returns then is freed.
            if (_disposed)
            {
                buffer.Dispose();
                return;
            }

            if (!_free.TryGetValue(buffer.Length, out Stack<NativeBuffer<float>>? stack)) _free.Add(buffer.Length, stack = new Stack<NativeBuffer<float>>());
            stack.Push(buffer);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (NativeBuffer<float> buffer in _free.Values.SelectMany(static s => s)) buffer.Dispose();
            _free.Clear();
            _disposed = true;
        }
    }

    // Four sizes between two powers of two: at most a fifth is wasted, and batches of nearly equal size share buffers.
    private static long Size(long length)
    {
        if (length <= Smallest) return Smallest;
        long step = 1L << (BitOperations.Log2((ulong)(length - 1)) - 2);
        return (length + step - 1) / step * step;
    }
}
