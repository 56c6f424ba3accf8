namespace TrakFast.Kernels;

/// <summary>
/// Copies between ordinary host memory and a device through pinned host memory, which the device reads and writes by itself. There
/// are two halves: while the device works on one, the host copies into or out of the other. An upload returns when the last bytes
/// are in pinned memory, so that the host goes on while the device still works; it waits only for room. A download returns when
/// the bytes have arrived.
/// </summary>
internal sealed unsafe class PinnedStaging : IDisposable
{
    /// <summary>Bytes of a half.</summary>
    public const long Half = 8L << 20;

    private const long Alignment = 256;

    private readonly CudaContext _context;
    private readonly nint _stream;
    private readonly byte* _memory;
    private readonly CudaEvent[] _done = new CudaEvent[2];
    private readonly bool[] _isBusy = new bool[2];
    private int _current;
    private long _used;

    /// <summary>Allocates the pinned memory.</summary>
    public PinnedStaging(CudaContext context, nint stream)
    {
        _context = context;
        _stream = stream;
        try
        {
            for (int half = 0; half < 2; half++) _done[half] = new CudaEvent(context, stream, timed: false);
            using CudaContext.Scope scope = context.Enter();
            void* memory;
            context.Check(
                context.Driver.HostAllocate(&memory, (nuint)(2 * Half), 0), $"pinning {2 * Half >> 20} MiB of host memory for copies");
            _memory = (byte*)memory;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Copies host memory to the device.</summary>
    public void Upload(nint source, nint destination, long bytes)
    {
        using CudaContext.Scope scope = _context.Enter();
        while (bytes > 0)
        {
            if (_used >= Half) Turn();
            long part = Math.Min(bytes, Half - _used);
            byte* place = _memory + (_current * Half) + _used;
            Buffer.MemoryCopy((void*)source, place, part, part);
            _context.Check(_context.Driver.CopyToDevice(destination, place, (nuint)part, _stream), "copying from the host");
            _used += (part + Alignment - 1) / Alignment * Alignment;
            source += (nint)part;
            destination += (nint)part;
            bytes -= part;
        }
    }

    /// <summary>Copies device memory to the host.</summary>
    public void Download(nint source, nint destination, long bytes)
    {
        using CudaContext.Scope scope = _context.Enter();

        // What was uploaded from a half is behind in the stream, so the device may write there at once.
        long asked = 0;
        for (long at = 0; at < bytes; at += Half)
        {
            for (; asked < bytes && asked < at + (2 * Half); asked += Half) Ask(asked);
            int half = (int)(at / Half % 2);
            _done[half].Wait();
            long part = Math.Min(Half, bytes - at);
            Buffer.MemoryCopy(_memory + (half * Half), (byte*)destination + at, part, part);
        }

        // Nothing is under way any more.
        _isBusy.AsSpan().Clear();
        _used = 0;

        void Ask(long at)
        {
            int half = (int)(at / Half % 2);
            long part = Math.Min(Half, bytes - at);
            _context.Check(
                _context.Driver.CopyToHost(_memory + (half * Half), source + (nint)at, (nuint)part, _stream), "copying to the host");
            _done[half].Record();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (CudaEvent? done in _done) done?.Dispose();
        if (_memory is null) return;
        using CudaContext.Scope scope = _context.Enter();
        _context.Check(_context.Driver.HostFree(_memory), "freeing pinned host memory");
    }

    // The other half is next, when the device is done with it.
    private void Turn()
    {
        _done[_current].Record();
        _isBusy[_current] = true;
        _current ^= 1;
        _used = 0;
        if (!_isBusy[_current]) return;
        _done[_current].Wait();
        _isBusy[_current] = false;
    }
}
