using System.Text;

namespace TrakFast.Kernels;

/// <summary>
/// The kernels loaded into a context. Each is compiled by the driver for the device when it is first asked for; the driver keeps
/// what it has compiled on disk, so that this is quick from the second process on.
/// </summary>
internal sealed unsafe class CudaModules(CudaContext context, PtxLibrary library) : IDisposable
{
    private const int ErrorLogBuffer = 5, ErrorLogBytes = 6, MaxDynamicSharedBytes = 8;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (nint Module, nint Function)> _loaded = [];

    /// <summary>The function of a kernel.</summary>
    /// <exception cref="CudaException">The driver does not take it; its log is in the sentence.</exception>
    public nint Function(DeviceKernel kernel)
    {
        lock (_lock)
        {
            if (_loaded.TryGetValue(kernel.Name, out (nint Module, nint Function) found)) return found.Function;
            (nint module, nint function) = Load(kernel, library.Read(kernel.Name));
            _loaded.Add(kernel.Name, (module, function));
            return function;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        using CudaContext.Scope scope = context.Enter();
        foreach ((nint module, _) in _loaded.Values) context.Check(context.Driver.ModuleUnload(module), "unloading a kernel");
        _loaded.Clear();
    }

    private (nint Module, nint Function) Load(DeviceKernel kernel, PtxFile ptx)
    {
        const int LogBytes = 8192;
        CudaDriver driver = context.Driver;
        byte[] log = new byte[LogBytes];
        int* options = stackalloc int[] { ErrorLogBuffer, ErrorLogBytes };
        nint module, function;
        using CudaContext.Scope scope = context.Enter();
        fixed (byte* image = Encoding.UTF8.GetBytes(ptx.Text + '\0'), entry = Encoding.UTF8.GetBytes(ptx.Entry + '\0'), said = log)
        {
            nint* values = stackalloc nint[] { (nint)said, LogBytes };
            CudaResult result = driver.ModuleLoad(&module, image, 2, options, values);
            if (result != CudaResult.Success)
            {
                string text = Encoding.UTF8.GetString(log.AsSpan(0, Math.Max(0, log.AsSpan().IndexOf((byte)0)))).Trim();
                throw driver.Error(
                    result, $"loading kernel {ptx.Name} on {context.Info.Name}{(text.Length == 0 ? "" : $", which says: {text}")}");
            }

            try
            {
                context.Check(driver.ModuleGetFunction(&function, module, entry), $"looking for {ptx.Entry} in kernel {ptx.Name}");

                // Static and dynamic shared memory of more than 48 KiB together must be asked for.
                if (kernel.SharedBytes > 0)
                    context.Check(
                        driver.FunctionSetAttribute(function, MaxDynamicSharedBytes, kernel.SharedBytes),
                        $"giving kernel {ptx.Name} {kernel.SharedBytes} bytes of shared memory");
            }
            catch
            {
                driver.ModuleUnload(module);
                throw;
            }
        }

        return (module, function);
    }
}
