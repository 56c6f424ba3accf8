namespace TrakFast.Kernels;

/// <summary>
/// Device memory that is kept between calls, because allocating waits for the device. A lease gives its memory back when disposed;
/// since all work of a device runs in one order, the next lease may have it at once.
/// </summary>
/// <param name="device">Whose memory it is.</param>
/// <param name="budget">
/// Bytes of one lease at most, unless a single piece of work needs more; shapes alone decide what is done at once.
/// </param>
internal sealed class DeviceScratch(IDevice device, long budget = 256L << 20) : IDisposable
{
    private readonly List<(nint Pointer, long Bytes)> _free = [];

    /// <summary>Pieces of work of some bytes each that may be done together: at least one, at most <paramref name="count"/>.</summary>
    public int Together(long bytes, int count) => (int)Math.Clamp(budget / Math.Max(1, bytes), 1, count);

    /// <summary>Memory for elements, not cleared.</summary>
    public Lease Rent(ElementType type, long length)
    {
        long bytes = Math.Max(256, length * type.Size());
        int best = -1;
        for (int i = 0; i < _free.Count; i++)
        {
            if (_free[i].Bytes >= bytes && (best < 0 || _free[i].Bytes < _free[best].Bytes)) best = i;
        }

        (nint Pointer, long Bytes) block;
        if (best >= 0)
        {
            block = _free[best];
            _free.RemoveAt(best);
        }
        else
        {
            // What is too small would only be in the way of a larger one.
            Dispose();
            block = (device.Allocate(bytes), bytes);
        }

        return new Lease(this, block, new MemoryView(block.Pointer, length, type, device.Space));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((nint pointer, _) in _free) device.Free(pointer);
        _free.Clear();
    }

    /// <summary>Memory lent until disposed.</summary>
    public readonly struct Lease(DeviceScratch owner, (nint Pointer, long Bytes) block, MemoryView view) : IDisposable
    {
        /// <summary>The memory.</summary>
        public MemoryView View { get; } = view;

        /// <inheritdoc/>
        public void Dispose() => owner._free.Add(block);
    }
}
