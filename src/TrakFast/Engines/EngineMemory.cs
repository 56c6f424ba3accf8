using TrakFast.Kernels;

namespace TrakFast;

/// <summary>Whether a kernel backend reads what an engine leaves.</summary>
internal static class EngineMemory
{
    /// <summary>Refuses a backend of another memory than the engine's blocks lie in.</summary>
    public static void RequireReach(this IKernelBackend backend, IModel model)
    {
        if (backend.Space != model.BlockSpace)
            throw new TrakException(
                $"The {model.Engine} engine leaves gradients in {model.BlockSpace} memory, and the kernel backend {backend.Name} reads "
                + $"{backend.Space} memory; use a backend of the engine's device.");
    }
}
