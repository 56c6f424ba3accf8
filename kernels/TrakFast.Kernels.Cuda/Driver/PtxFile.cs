using System.Text;
using System.Text.RegularExpressions;

namespace TrakFast.Kernels;

/// <summary>A kernel's PTX, embedded in this assembly: one file a kernel, with one entry.</summary>
/// <param name="Name">The kernel's name, that of the file without <c>.ptx</c>.</param>
/// <param name="Text">The PTX.</param>
internal sealed partial record PtxFile(string Name, string Text)
{
    private const string Extension = ".ptx";

    /// <summary>The names of all kernels that are embedded.</summary>
    public static IEnumerable<string> Names =>
        from resource in typeof(PtxFile).Assembly.GetManifestResourceNames() where resource.EndsWith(Extension, StringComparison.Ordinal) select resource[..^Extension.Length];

    /// <summary>The name of the entry, as the compiler made it.</summary>
    public string Entry => EntryName().Match(Text) is { Success: true } match ? match.Groups[1].Value : throw new InvalidDataException($"{Name}{Extension} has no entry.");

    /// <summary>The PTX of a kernel.</summary>
    public static PtxFile Read(string name)
    {
        using Stream stream = typeof(PtxFile).Assembly.GetManifestResourceStream(name + Extension)
            ?? throw new InvalidOperationException($"{name}{Extension} is not embedded: regenerate the PTX files.");
        using StreamReader reader = new(stream, Encoding.UTF8);
        return new PtxFile(name, reader.ReadToEnd());
    }

    [GeneratedRegex(@"\.entry\s+([\w$]+)")]
    private static partial Regex EntryName();
}
