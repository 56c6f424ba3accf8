using System.Collections.Immutable;
using System.Xml.Linq;

namespace TrakFast.Packages;

/// <summary>A compiler's documentation file, cut to what users see: the compiler writes the comments of internal types too.</summary>
internal static class PublicDocs
{
    /// <summary>Writes the comments that belong to what users of an assembly see.</summary>
    /// <param name="assembly">The assembly's file.</param>
    /// <param name="docs">What the compiler wrote.</param>
    /// <param name="output">The file to write.</param>
    public static void Write(string assembly, string docs, string output)
    {
        PublicSurface surface = new([.. File.ReadAllBytes(assembly)]);
        XDocument document = XDocument.Load(docs, LoadOptions.PreserveWhitespace);
        foreach (XElement member in Members(document).Where(member => !surface.Has(Id(member))).ToImmutableArray())
        {
            if (member.PreviousNode is XText indentation) indentation.Remove();
            member.Remove();
        }

        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(output))!);
        document.Save(output, SaveOptions.DisableFormatting);
    }

    /// <summary>The ids of all comments of a file.</summary>
    public static IEnumerable<string> Ids(Stream docs) => Members(XDocument.Load(docs)).Select(Id);

    private static IEnumerable<XElement> Members(XDocument document) => document.Root!.Element("members")!.Elements("member");

    private static string Id(XElement member) => (string)member.Attribute("name")!;
}
