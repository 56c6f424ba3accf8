using System.Collections.Immutable;
using System.Reflection;
using System.Text;

namespace TrakFast.Kernels;

/// <summary>Kernels' PTX, embedded in assemblies: one file a kernel.</summary>
/// <param name="assemblies">Where to look, in order.</param>
internal sealed class PtxLibrary(params ImmutableArray<Assembly> assemblies)
{
    /// <summary>The kernels that ship, embedded in this assembly. Those of tests and benchmarks alone are embedded there.</summary>
    public static PtxLibrary Shipped { get; } = new(typeof(PtxLibrary).Assembly);

    /// <summary>The names of all kernels.</summary>
    public IEnumerable<string> Names =>
        from assembly in assemblies
        from resource in assembly.GetManifestResourceNames()
        where resource.EndsWith(PtxFile.Extension, StringComparison.Ordinal)
        select resource[..^PtxFile.Extension.Length];

    /// <summary>The PTX of a kernel.</summary>
    /// <exception cref="InvalidOperationException">It is in none of the assemblies.</exception>
    public PtxFile Read(string name)
    {
        foreach (Assembly assembly in assemblies)
        {
            using Stream? stream = assembly.GetManifestResourceStream(name + PtxFile.Extension);
            if (stream is null) continue;
            using StreamReader reader = new(stream, Encoding.UTF8);
            return new PtxFile(name, reader.ReadToEnd());
        }

        string places = string.Join(" or ", assemblies.Select(static assembly => assembly.GetName().Name));
        throw new InvalidOperationException(
            $"{name}{PtxFile.Extension} is not embedded in {places}: regenerate the PTX files with dotnet cake --target=Ptx.");
    }
}
