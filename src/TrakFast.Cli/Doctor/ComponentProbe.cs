using TrakFast.Cli.Engines;
using TrakFast.Kernels;

namespace TrakFast.Cli.Doctor;

/// <summary>The engines and kernel backends, each in its own words, and why what is not active is not.</summary>
internal static class ComponentProbe
{
    private const string Engine = "engine";
    private const string KernelBackend = "kernel backend";

    /// <summary>All engines and kernel backends, active or not.</summary>
    /// <param name="torch">torch's engine; null in a tool without it.</param>
    public static IReadOnlyList<Component> Find(ITorchEngine? torch)
    {
        using CpuBackend cpu = new(Workers.PerProcessor());
        string detail = EngineChoice.WhereTorchIs;
        bool hasTorch = torch is not null && torch.IsAvailable("cpu", out detail);
        return
        [
            new(Engine, EngineChoice.Managed, true, "ONNX graphs in managed code"),
            new(Engine, EngineChoice.InTorch, hasTorch, detail.TrimEnd('.')),
            new(KernelBackend, "cpu", true, cpu.Name),
            .. Cuda(),
        ];
    }

    // A line for each device; where there is none, one that says so.
    private static IEnumerable<Component> Cuda()
    {
        int count = CudaBackend.DeviceCount;
        for (int ordinal = 0; ordinal < Math.Max(1, count); ordinal++)
        {
            bool isActive = CudaBackend.IsAvailable(ordinal, out string detail);
            yield return new(KernelBackend, count > 1 ? $"cuda:{ordinal}" : "cuda", isActive, detail.TrimEnd('.'));
        }
    }
}
