using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>
/// Aligned native memory that is used again instead of freed. Whoever rents a buffer is its one owner until it is
/// returned. Contents are whatever the last owner left.
/// </summary>
/// <param name="poison">Whether what is returned is overwritten, so that whoever reads it afterwards gets no numbers.</param>
internal sealed class BufferPool(bool poison) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly PoolLedger _ledger = new();
    private readonly Dictionary<long, Stack<NativeBuffer<float>>> _idle = [];
    private bool _disposed;

    /// <summary>float32 elements taken from the system, in use or idle.</summary>
    public long Total
    {
        get
        {
            lock (_lock) return _ledger.Total;
        }
    }

    public NativeBuffer<float> Rent(long length)
    {
        long size;
        lock (_lock)
        {
            (size, bool idle) = _ledger.Rent(length);
            if (idle) return _idle[size].Pop();
        }

        return new NativeBuffer<float>(size);
    }

    public void Return(NativeBuffer<float> buffer)
    {
        if (poison) buffer.Span.Fill(float.NaN);
        lock (_lock)
        {
            // A pass may outlive its model; what it returns then is freed.
            if (_disposed)
            {
                buffer.Dispose();
                return;
            }

            if (!_idle.TryGetValue(buffer.Length, out Stack<NativeBuffer<float>>? stack))
                _idle.Add(buffer.Length, stack = new Stack<NativeBuffer<float>>());
            stack.Push(buffer);
            _ledger.Return(buffer.Length);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (NativeBuffer<float> buffer in _idle.Values.SelectMany(static s => s)) buffer.Dispose();
            _idle.Clear();
            _disposed = true;
        }
    }
}
