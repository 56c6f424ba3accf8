using System.Reflection;
using TrakFast.Kernels;
using TrakFast.Onnx;

namespace TrakFast.TorchSharp;

/// <summary>The engine of torch, which this build was made without: TorchSharp could not be restored.</summary>
public static class TorchEngine
{
    private static readonly string Absence = typeof(TorchEngine).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static pair => pair.Key == "OptionalPackageAbsence").Value!;

    /// <summary>Says why the engine is not there.</summary>
    /// <param name="device">Any device.</param>
    /// <param name="detail">The reason.</param>
    public static bool IsAvailable(string device, out string detail)
    {
        detail = Absence;
        return false;
    }

    /// <summary>Refuses.</summary>
    /// <exception cref="TrakException">Always.</exception>
    public static IModel Open(OnnxGraph graph, string device, int threads, ElementType precision = ElementType.Float32) => throw new TrakException($"{Absence}.");
}
