using System.Reflection;
using ILGPU.Backends.EntryPoints;
using ILGPU.Runtime;

namespace TrakFast.Kernels;

/// <summary>A kernel to compile.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Method">The method, closed over its types.</param>
/// <param name="Threads">Threads of a group.</param>
/// <param name="Groups">Groups that must fit on a multiprocessor at once, or 0.</param>
/// <param name="Ships">Whether its PTX is part of <c>TrakFast.Kernels.Cuda</c>.</param>
internal sealed record KernelEntry(string Name, MethodInfo Method, int Threads, int Groups, bool Ships)
{
    /// <summary>Every kernel of this assembly, by name.</summary>
    public static IReadOnlyDictionary<string, KernelEntry> All { get; } =
        (from type in typeof(KernelEntry).Assembly.GetTypes()
         from method in type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
         from entry in method.GetCustomAttributes<KernelEntryAttribute>()
         let closed = entry.Types.Length == 0 ? method : method.MakeGenericMethod(entry.Types)
         select new KernelEntry(entry.Name, closed, entry.Threads, entry.Groups, entry.Ships))
        .ToDictionary(entry => entry.Name);

    /// <summary>The file of its PTX, relative to the folder of all.</summary>
    public string File => Ships ? $"{Name}.ptx" : $"Benchmark/{Name}.ptx";

    /// <summary>What ILGPU calls an entry point.</summary>
    public EntryPointDescription Description => EntryPointDescription.FromExplicitlyGroupedKernel(Method);

    /// <summary>Bounds for the assembler's registers.</summary>
    public KernelSpecialization Specialization => new(Threads, Groups == 0 ? null : Groups);
}
