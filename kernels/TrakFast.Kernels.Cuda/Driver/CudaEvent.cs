namespace TrakFast.Kernels;

/// <summary>A mark in a stream's order of work: it can be waited for, and the time between two of them is what the device took.</summary>
internal sealed unsafe class CudaEvent : IDisposable
{
    private const uint Timed = 0, Untimed = 2;

    private readonly CudaContext _context;
    private readonly nint _stream;
    private nint _event;

    /// <summary>Creates a mark that is not yet set.</summary>
    /// <param name="context">Where the stream belongs.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="timed">Whether times will be asked for.</param>
    public CudaEvent(CudaContext context, nint stream, bool timed)
    {
        _context = context;
        _stream = stream;
        using CudaContext.Scope scope = context.Enter();
        nint made;
        context.Check(context.Driver.EventCreate(&made, timed ? Timed : Untimed), "making an event");
        _event = made;
        context.Own();
    }

    /// <summary>Sets the mark behind everything asked so far.</summary>
    public void Record()
    {
        using CudaContext.Scope scope = _context.Enter();
        _context.Check(_context.Driver.EventRecord(_event, _stream), "recording an event");
    }

    /// <summary>Waits until the device has passed the mark.</summary>
    public void Wait()
    {
        using CudaContext.Scope scope = _context.Enter();
        _context.Check(_context.Driver.EventSynchronize(_event), "waiting");
    }

    /// <summary>Milliseconds that the device took from another mark to this one, which it must have passed.</summary>
    public double MillisecondsSince(CudaEvent start)
    {
        using CudaContext.Scope scope = _context.Enter();
        float milliseconds;
        _context.Check(_context.Driver.EventElapsedTime(&milliseconds, start._event, _event), "reading a time");
        return milliseconds;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        nint made = Interlocked.Exchange(ref _event, 0);
        if (made == 0) return;
        using (CudaContext.Scope scope = _context.Enter()) _context.Check(_context.Driver.EventDestroy(made), "removing an event");
        _context.Release();
    }
}
