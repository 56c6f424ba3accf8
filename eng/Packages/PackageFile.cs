using System.Collections.Immutable;
using System.IO.Compression;
using System.Text;
using System.Xml.Linq;

namespace TrakFast.Packages;

/// <summary>An opened package: its files, and what it says of itself.</summary>
internal sealed class PackageFile
{
    private readonly Dictionary<string, ImmutableArray<byte>> _files = [];
    private readonly XElement _metadata;

    /// <summary>Opens a package.</summary>
    public PackageFile(string path)
    {
        Name = Path.GetFileName(path);
        using ZipArchive archive = ZipFile.OpenRead(path);
        foreach (ZipArchiveEntry entry in archive.Entries)
        {
            using Stream stream = entry.Open();
            using MemoryStream bytes = new();
            stream.CopyTo(bytes);
            _files.Add(entry.FullName, [.. bytes.ToArray()]);
        }

        string nuspec = _files.Keys.Single(static name => name.EndsWith(".nuspec", StringComparison.Ordinal));
        XElement package = XDocument.Parse(Text(nuspec)).Root!;
        _metadata = package.Element(package.Name.Namespace + "metadata")!;
    }

    /// <summary>The file's name.</summary>
    public string Name { get; }

    /// <summary>The files' paths.</summary>
    public IEnumerable<string> Paths => _files.Keys;

    /// <summary>Whether there is a file.</summary>
    public bool Has(string path) => _files.ContainsKey(path);

    /// <summary>A file's content.</summary>
    public ImmutableArray<byte> Bytes(string path) => _files[path];

    /// <summary>A file's text.</summary>
    public string Text(string path) => Encoding.UTF8.GetString(_files[path].AsSpan()).TrimStart('\uFEFF');

    /// <summary>A value of the nuspec; empty where it is missing.</summary>
    public string Value(string name) => Elements(name).FirstOrDefault()?.Value.Trim() ?? "";

    /// <summary>A value's attribute; empty where it is missing.</summary>
    public string Attribute(string name, string attribute) => (string?)Elements(name).FirstOrDefault()?.Attribute(attribute) ?? "";

    /// <summary>The packages that this one depends on, and their versions.</summary>
    public IEnumerable<(string Id, string Version)> Dependencies =>
        from element in Elements("dependency") select ((string)element.Attribute("id")!, (string)element.Attribute("version")!);

    private IEnumerable<XElement> Elements(string name) => _metadata.Descendants(_metadata.Name.Namespace + name);
}
