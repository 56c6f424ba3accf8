using System.Collections.Immutable;

namespace TrakFast.Kernels;

/// <summary>A kernel as its launcher sees it: the name of its PTX file, the threads of a group, and its parameters in order.</summary>
/// <param name="Name">Name, the same in <c>TrakFast.Kernels.Ilgpu</c>.</param>
/// <param name="Threads">Threads of a group.</param>
/// <param name="Parameters">Kinds of its parameters.</param>
internal sealed record DeviceKernel(string Name, int Threads, ImmutableArray<ArgumentKind> Parameters)
{
    /// <summary>Bytes of dynamic shared memory of a group, beside what the kernel itself declares.</summary>
    public int SharedBytes { get; init; }

    /// <summary>
    /// Whether its PTX is part of this library. That of kernels which only tests and benchmarks launch is embedded there.
    /// </summary>
    public bool Ships { get; init; } = true;

    /// <summary>Every kernel that has a launcher here.</summary>
    public static ImmutableArray<DeviceKernel> All =>
        [
            .. PartialSums.Kernels, .. DenseLaunches.Kernels, .. GramLaunches.Kernels, .. ScoreLaunches.Kernels, .. TopLaunches.Kernels,
            .. PeakLaunches.Kernels, .. GradientLaunches.Kernels, .. ConvolutionLaunches.Kernels,
            .. SjltLaunches.Kernels, .. KroneckerLaunches.Kernels,
        ];

    /// <summary>Throws where arguments are not those of the signature: a mistake of the launcher's.</summary>
    public void Check(ReadOnlySpan<KernelArgument> arguments)
    {
        if (arguments.Length != Parameters.Length)
            throw new ArgumentException($"Kernel {Name} takes {Parameters.Length} arguments, not {arguments.Length}.");
        for (int i = 0; i < arguments.Length; i++)
        {
            if (arguments[i].Kind != Parameters[i])
                throw new ArgumentException($"Argument {i} of kernel {Name} is {arguments[i].Kind}, not {Parameters[i]}.");
        }
    }
}
