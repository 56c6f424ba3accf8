using System.Text.RegularExpressions;

namespace TrakFast.Kernels;

/// <summary>A kernel's PTX, with one entry.</summary>
/// <param name="Name">The kernel's name, that of the file without <c>.ptx</c>.</param>
/// <param name="Text">The PTX.</param>
internal sealed partial record PtxFile(string Name, string Text)
{
    /// <summary>How the names of PTX files end.</summary>
    public const string Extension = ".ptx";

    /// <summary>The name of the entry, as the compiler made it.</summary>
    public string Entry => EntryName().Match(Text) is { Success: true } match
        ? match.Groups[1].Value
        : throw new InvalidDataException($"{Name}{Extension} has no entry.");

    [GeneratedRegex(@"\.entry\s+([\w$]+)")]
    private static partial Regex EntryName();
}
