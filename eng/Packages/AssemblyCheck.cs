using System.Collections.Immutable;
using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text;

namespace TrakFast.Packages;

/// <summary>Looks into an assembly of this repository, and into its symbols.</summary>
/// <param name="machine">Folders of the building machine.</param>
/// <param name="ptx">The names of the PTX files that ship.</param>
internal sealed class AssemblyCheck(string[] machine, IReadOnlyCollection<string> ptx)
{
    private const string Sources = "\"https://raw.githubusercontent.com/trakfast/trakfast/";

    // Kinds of custom debug information, as the format of portable PDB files numbers them.
    private static readonly Guid SourceLink = new("CC110556-A091-4D38-9FEC-25AB9A351A6A");
    private static readonly Guid EmbeddedSource = new("0E8A571B-6926-466E-B4AD-8AB04611F5FE");

    /// <summary>The faults of an assembly.</summary>
    public IEnumerable<string> Assembly(string name, ImmutableArray<byte> bytes)
    {
        using PEReader file = new(bytes);
        MetadataReader reader = file.GetMetadataReader();
        string found = reader.GetString(reader.GetAssemblyDefinition().Name);
        if (found != name) yield return $"{name}.dll is the assembly {found}";
        foreach (string fault in Paths($"{name}.dll", bytes.AsSpan())) yield return fault;
        if (name != "TrakFast.Kernels.Cuda") yield break;
        string[] embedded = [.. reader.ManifestResources.Select(handle => reader.GetString(reader.GetManifestResource(handle).Name))];
        foreach (string resource in embedded.Except(ptx)) yield return $"{name}.dll has {resource}, which no user runs";
        foreach (string resource in ptx.Except(embedded)) yield return $"{name}.dll lacks {resource}";
    }

    /// <summary>The faults of an assembly's symbols.</summary>
    public IEnumerable<string> Symbols(string name, ImmutableArray<byte> assembly, ImmutableArray<byte> symbols)
    {
        foreach (string fault in Paths($"{name}.pdb", symbols.AsSpan())) yield return fault;
        using PEReader file = new(assembly);
        using MetadataReaderProvider provider = MetadataReaderProvider.FromPortablePdbImage(symbols);
        MetadataReader reader = provider.GetMetadataReader();
        DebugDirectoryEntry entry = file.ReadDebugDirectory().Single(static entry => entry.Type == DebugDirectoryEntryType.CodeView);
        Guid id = file.ReadCodeViewDebugDirectoryData(entry).Guid;
        if (id != new BlobContentId(reader.DebugMetadataHeader!.Id).Guid) yield return $"{name}.pdb is not that of {name}.dll";
        IEnumerable<string> links = Blobs(reader, EntityHandle.ModuleDefinition, SourceLink).Select(Encoding.UTF8.GetString);
        if (!links.Any(static link => link.Contains(Sources, StringComparison.Ordinal)))
            yield return $"{name}.pdb does not say where the sources are (build it in a clone, with git's folder)";

        List<string> missing = [];
        foreach (DocumentHandle handle in reader.Documents)
        {
            string document = reader.GetString(reader.GetDocument(handle).Name);
            if (!document.StartsWith("/_/", StringComparison.Ordinal))
                yield return $"{name}.pdb names the source {document}, which is not below /_/";
            byte[][] sources = [.. Blobs(reader, handle, EmbeddedSource)];
            if (document.Contains("/obj/", StringComparison.Ordinal) && sources.Length == 0) missing.Add(document);
            foreach (string fault in sources.SelectMany(source => Paths($"{document} in {name}.pdb", Unpacked(source)))) yield return fault;
        }

        if (missing.Count > 0) yield return $"{name}.pdb does not hold {missing.Count} generated sources, of them {missing[0]}";
    }

    /// <summary>One fault for each folder of the building machine that a file names.</summary>
    public IEnumerable<string> Paths(string name, ReadOnlySpan<byte> bytes)
    {
        List<string> faults = [];
        foreach (string folder in machine)
        {
            if (bytes.IndexOf(Encoding.UTF8.GetBytes(folder)) >= 0 || bytes.IndexOf(Encoding.Unicode.GetBytes(folder)) >= 0)
                faults.Add($"{name} names the folder {folder} of the building machine");
        }

        return faults;
    }

    private static IEnumerable<byte[]> Blobs(MetadataReader reader, EntityHandle parent, Guid kind) =>
        from handle in reader.GetCustomDebugInformation(parent)
        let information = reader.GetCustomDebugInformation(handle)
        where reader.GetGuid(information.Kind) == kind
        select reader.GetBlobBytes(information.Value);

    // An embedded source begins with its length, or with 0 where it is not compressed.
    private static byte[] Unpacked(byte[] blob)
    {
        if (BitConverter.ToInt32(blob) == 0) return blob[sizeof(int)..];
        using DeflateStream stream = new(new MemoryStream(blob, sizeof(int), blob.Length - sizeof(int)), CompressionMode.Decompress);
        using MemoryStream bytes = new();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
