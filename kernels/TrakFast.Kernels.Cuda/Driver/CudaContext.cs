namespace TrakFast.Kernels;

/// <summary>
/// A device's primary context, the one that torch and the CUDA runtime work in, so that their memory is valid here. It is pushed
/// for each call and popped after it: any thread may call, and whatever context the thread had is current again afterwards.
/// It is given back when the last of what was made in it is gone, in whatever order that is: the device, buffers, events.
/// </summary>
internal sealed unsafe class CudaContext
{
    private readonly nint _context;
    private int _owners = 1;

    /// <summary>Retains the primary context of a device, owned once.</summary>
    public CudaContext(CudaDriver driver, CudaDeviceInfo info)
    {
        Driver = driver;
        Info = info;
        nint context;
        Check(driver.PrimaryContextRetain(&context, info.Handle), "taking the primary context");
        _context = context;
    }

    /// <summary>The driver's functions.</summary>
    public CudaDriver Driver { get; }

    /// <summary>The device.</summary>
    public CudaDeviceInfo Info { get; }

    /// <summary>Makes the context current on this thread until disposed.</summary>
    public Scope Enter()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _owners) == 0, this);
        Check(Driver.ContextPush(_context), "entering the context");
        return new Scope(Driver);
    }

    /// <summary>Throws where a call failed.</summary>
    /// <param name="result">What it returned.</param>
    /// <param name="doing">What was being done, in words that follow "while" and precede the device's name.</param>
    /// <exception cref="CudaException">The call failed.</exception>
    public void Check(CudaResult result, string doing)
    {
        if (result != CudaResult.Success) throw Error(result, doing);
    }

    /// <summary>The error of a call that failed.</summary>
    public CudaException Error(CudaResult result, string doing) => Driver.Error(result, $"{doing} on {Info.Name}");

    /// <summary>Counts one more owner.</summary>
    public void Own() => Interlocked.Increment(ref _owners);

    /// <summary>Counts one owner less, and gives the context back after the last.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _owners) == 0) Check(Driver.PrimaryContextRelease(Info.Handle), "giving back the primary context");
    }

    /// <summary>The time in which the context is current.</summary>
    public readonly ref struct Scope(CudaDriver driver) : IDisposable
    {
        /// <summary>Makes current again what was before.</summary>
        public void Dispose()
        {
            // This fails only where a call inside has failed for good, and that call's exception is the one to see.
            nint context;
            driver.ContextPop(&context);
        }
    }
}
