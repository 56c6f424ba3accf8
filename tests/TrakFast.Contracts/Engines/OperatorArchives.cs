using System.IO.Compression;

namespace TrakFast.Testing;

/// <summary>
/// Models of a single operator, in an archive for each family of them. An entry is CASE/model.onnx or
/// CASE/case.safetensors.
/// </summary>
public sealed class OperatorArchives
{
    private readonly SortedDictionary<string, string> _archives = new(StringComparer.Ordinal);

    /// <summary>Finds the cases in a folder's archives.</summary>
    /// <param name="folder">The folder; tests/fixtures/operators where none is given.</param>
    public OperatorArchives(string? folder = null)
    {
        foreach (string path in Directory.GetFiles(folder ?? Path.Combine(FixtureFolder.Path, "operators"), "*.zip"))
        {
            using ZipArchive archive = ZipFile.OpenRead(path);
            foreach (ZipArchiveEntry entry in archive.Entries.Where(static e => e.Name == "model.onnx"))
                _archives.Add(Path.GetDirectoryName(entry.FullName)!, path);
        }
    }

    /// <summary>The cases' names, in ordinal order.</summary>
    public IEnumerable<string> Names => _archives.Keys;

    /// <summary>A case's model.</summary>
    public byte[] Model(string name)
    {
        using ZipArchive archive = ZipFile.OpenRead(_archives[name]);
        using Stream entry = archive.GetEntry($"{name}/model.onnx")!.Open();
        using MemoryStream bytes = new();
        entry.CopyTo(bytes);
        return bytes.ToArray();
    }

    /// <summary>Puts a case's files into a folder of their own, which disposing removes.</summary>
    public Extracted Extract(string name)
    {
        Extracted folder = new();
        using ZipArchive archive = ZipFile.OpenRead(_archives[name]);
        foreach (ZipArchiveEntry entry in archive.Entries.Where(e => e.FullName.StartsWith(name + "/", StringComparison.Ordinal)))
            entry.ExtractToFile(Path.Combine(folder.Path, entry.Name));
        return folder;
    }

    /// <summary>A temporary folder with a case's files.</summary>
    public sealed class Extracted : IDisposable
    {
        /// <summary>The folder.</summary>
        public string Path { get; } = Directory.CreateTempSubdirectory("trakfast-operator-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
