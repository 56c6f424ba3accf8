using TrakFast.Kernels;

namespace TrakFast.Cli.Doctor;

/// <summary>The engines and kernel backends that this build has, each in its own words, and those it was made without.</summary>
internal static class ComponentProbe
{
    private const string Engine = "engine";
    private const string KernelBackend = "kernel backend";
    private const string Absent = "not part of this build";

    /// <summary>All engines and kernel backends, active or not.</summary>
    public static IReadOnlyList<Component> Find()
    {
        using CpuBackend cpu = new(Workers.PerProcessor());
        return
        [
            new(Engine, "managed", true, "ONNX graphs in managed code"),
            new(Engine, "torch", false, Absent),
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
