using TrakFast.Kernels;
using TrakFast.Onnx;

namespace TrakFast.Cli.Engines;

/// <summary>
/// Which engine runs a model, and where. Left to itself it is torch where a GPU can be used by torch and by the CUDA kernels,
/// and the managed engine otherwise.
/// </summary>
/// <param name="Engine"><c>auto</c>, <c>managed</c> or <c>torch</c>.</param>
/// <param name="Device"><c>auto</c>, <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
/// <param name="Torch">torch's engine; null in a tool without it.</param>
internal sealed record EngineChoice(string Engine, string Device, ITorchEngine? Torch)
{
    /// <summary>A choice left open.</summary>
    public const string Auto = "auto";

    /// <summary>The engine that every tool has.</summary>
    public const string Managed = "managed";

    /// <summary>The engine that <c>trakfast-torch</c> has.</summary>
    public const string InTorch = "torch";

    /// <summary>Which tool has torch's engine.</summary>
    public const string WhereTorchIs =
        "the tool trakfast-torch has it (dotnet tool install --global TrakFast.Cli.TorchSharp), with the same commands";

    private const string Cpu = "cpu";

    /// <summary>Opens a model and the kernel backend of its device.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="threads">Host threads.</param>
    /// <exception cref="TrakException">What was asked for is not there.</exception>
    public OpenEngine Open(OnnxGraph graph, int threads)
    {
        Workers workers = new(threads);
        (ITorchEngine? torch, string device, string? reason) = Resolve();
        if (torch is null)
            return new OpenEngine(new OnnxModel(graph, new OnnxOptions { Workers = workers }), new CpuBackend(workers), reason);
        IKernelBackend backend = device == Cpu ? new CpuBackend(workers) : CudaBackend.Create(Ordinal(device), workers);
        try
        {
            return new OpenEngine(torch.Open(graph, device, threads), backend, reason);
        }
        catch
        {
            backend.Dispose();
            throw;
        }
    }

    /// <summary>What is taken (null for the managed engine), and where it was left open, why.</summary>
    private (ITorchEngine? Torch, string Device, string? Reason) Resolve()
    {
        bool onCpu = Device is Auto or Cpu;
        if (Engine == Managed)
        {
            return onCpu ? (null, Cpu, null)
                : throw new TrakException($"The managed engine runs on the CPU; --device {Device} needs --engine torch.");
        }

        if (Engine == InTorch || !onCpu)
        {
            if (Torch is null)
                throw new TrakException(
                    $"{(Engine == InTorch ? "--engine torch" : $"--device {Device}")} wants torch's engine: {WhereTorchIs}.");
            string device = Device != Auto ? Device : UsableGpu(Torch, out _) ? "cuda" : Cpu;
            return Torch.IsAvailable(device, out string detail) ? (Torch, device, null)
                : throw new TrakException($"The engine torch cannot be used: {detail.TrimEnd('.')}.");
        }

        if (Torch is null || Device == Cpu) return (null, Cpu, null);
        return UsableGpu(Torch, out string why) ? (Torch, "cuda", why) : (null, Cpu, why);
    }

    /// <summary>Whether torch and the CUDA kernels both run on the first GPU. libtorch is only loaded where there is one.</summary>
    private static bool UsableGpu(ITorchEngine torch, out string why)
    {
        why = "there is no GPU";
        return CudaBackend.DeviceCount > 0 && torch.IsAvailable("cuda", out why) && CudaBackend.IsAvailable(0, out why);
    }

    private static int Ordinal(string device) =>
        device.Length > 5 ? int.Parse(device[5..], System.Globalization.CultureInfo.InvariantCulture) : 0;
}
