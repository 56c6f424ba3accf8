using ILGPU;

namespace TrakFast.Kernels;

/// <summary>
/// Operations that ILGPU does not know: each has a C# body, which the simulator runs, and an instruction of its own in PTX.
/// </summary>
internal static class DeviceOperations
{
    /// <summary>Makes the operations known to a context.</summary>
    public static void Register(Context.Builder builder) => ArgumentNullException.ThrowIfNull(builder);
}
