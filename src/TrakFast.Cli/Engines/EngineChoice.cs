using TrakFast.Kernels;
using TrakFast.Onnx;
using TrakFast.TorchSharp;

namespace TrakFast.Cli.Engines;

/// <summary>
/// Which engine runs a model, and where. Left to itself it is torch where a GPU can be used by torch and by the CUDA kernels,
/// and the managed engine otherwise.
/// </summary>
/// <param name="Engine"><c>auto</c>, <c>managed</c> or <c>torch</c>.</param>
/// <param name="Device"><c>auto</c>, <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
internal sealed record EngineChoice(string Engine, string Device)
{
    /// <summary>A choice left open.</summary>
    public const string Auto = "auto";

    private const string Managed = "managed", Torch = "torch", Cpu = "cpu";

    /// <summary>Everything left open.</summary>
    public static EngineChoice Default => new(Auto, Auto);

    /// <summary>Opens a model and the kernel backend of its device.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="threads">Host threads.</param>
    /// <exception cref="TrakException">What was asked for is not there.</exception>
    public OpenEngine Open(OnnxGraph graph, int threads)
    {
        Workers workers = new(threads);
        (string engine, string device, string? reason) = Resolve();
        if (engine == Managed) return new OpenEngine(new OnnxModel(graph, new OnnxOptions { Workers = workers }), new CpuBackend(workers), reason);
        IKernelBackend backend = device == Cpu ? new CpuBackend(workers) : CudaBackend.Create(Ordinal(device), workers);
        try
        {
            return new OpenEngine(TorchEngine.Open(graph, device, threads), backend, reason);
        }
        catch
        {
            backend.Dispose();
            throw;
        }
    }

    /// <summary>What is taken, and where it was left open, why.</summary>
    private (string Engine, string Device, string? Reason) Resolve()
    {
        bool onCpu = Device is Auto or Cpu;
        if (Engine == Managed)
        {
            return onCpu ? (Managed, Cpu, null)
                : throw new TrakException($"The managed engine runs on the CPU; --device {Device} needs --engine torch.");
        }

        if (Engine == Torch)
        {
            string device = Device != Auto ? Device : UsableGpu(out _) ? "cuda" : Cpu;
            return TorchEngine.IsAvailable(device, out string detail) ? (Torch, device, null)
                : throw new TrakException($"The engine torch cannot be used: {detail.TrimEnd('.')}.");
        }

        if (!onCpu) return new EngineChoice(Torch, Device).Resolve();
        if (Device == Cpu) return (Managed, Cpu, null);
        return UsableGpu(out string why) ? (Torch, "cuda", why) : (Managed, Cpu, why);
    }

    /// <summary>Whether torch and the CUDA kernels both run on the first GPU. Torch is only loaded where there is one.</summary>
    private static bool UsableGpu(out string why)
    {
        why = "there is no GPU";
        return CudaBackend.DeviceCount > 0 && TorchEngine.IsAvailable("cuda", out why) && CudaBackend.IsAvailable(0, out why);
    }

    private static int Ordinal(string device) => device.Length > 5 ? int.Parse(device[5..], System.Globalization.CultureInfo.InvariantCulture) : 0;
}
