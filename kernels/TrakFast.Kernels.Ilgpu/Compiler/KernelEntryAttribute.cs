namespace TrakFast.Kernels;

/// <summary>
/// Marks a static method as a kernel: an explicitly grouped one, of groups of <paramref name="threads"/> threads along x. A
/// generic method is compiled once for each attribute, with its types.
/// </summary>
/// <param name="name">The kernel's name: that of its PTX file and of its launcher.</param>
/// <param name="threads">Threads of a group.</param>
/// <param name="types">Type arguments of a generic method.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class KernelEntryAttribute(string name, int threads, params Type[] types) : Attribute
{
    /// <summary>The kernel's name.</summary>
    public string Name { get; } = name;

    /// <summary>Threads of a group.</summary>
    public int Threads { get; } = threads;

    /// <summary>Type arguments.</summary>
    public Type[] Types { get; } = types;

    /// <summary>Groups that must fit on a multiprocessor at once, which bounds the registers; 0 leaves it to the assembler.</summary>
    public int Groups { get; init; }

    /// <summary>Whether the kernel's PTX is part of <c>TrakFast.Kernels.Cuda</c>, and not of tests and benchmarks alone.</summary>
    public bool Ships { get; init; } = true;
}
