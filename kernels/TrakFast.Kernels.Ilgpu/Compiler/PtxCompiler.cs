using System.Text.RegularExpressions;
using ILGPU;
using ILGPU.Backends.PTX;
using ILGPU.Runtime.Cuda;

namespace TrakFast.Kernels;

/// <summary>Compiles kernels to PTX, without any device.</summary>
internal static partial class PtxCompiler
{
    /// <summary>
    /// The PTX of a kernel for sm_80 and later. The same source gives the same text: ILGPU numbers names through the life of a
    /// process, so they are numbered anew in the order in which they appear.
    /// </summary>
    public static string Compile(KernelEntry kernel)
    {
        // One context for each kernel: a compilation that fails leaves its context unusable.
        using Context context = Context.Create(
            builder => DeviceOperations.Register(builder.EnableAlgorithms().Optimize(OptimizationLevel.O2)));
        using PTXBackend backend = new(
            context, new CudaCapabilityContext(CudaArchitecture.SM_80), CudaArchitecture.SM_80, CudaInstructionSet.ISA_80, null);
        string ptx = ((PTXCompiledKernel)backend.Compile(kernel.Description, kernel.Specialization)).PTXAssembly.ReplaceLineEndings("\n");
        Dictionary<string, string> numbers = [];
        return Number().Replace(
            ptx, match => numbers.TryGetValue(match.Value, out string? number) ? number : numbers[match.Value] = $"{numbers.Count}");
    }

    [GeneratedRegex(@"(?<=_)\d{3,}\b")]
    private static partial Regex Number();
}
