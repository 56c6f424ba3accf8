namespace TrakFast.Tests.Support;

/// <summary>An empty directory that goes away with the test.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public TemporaryDirectory() => Path = Directory.CreateTempSubdirectory("trakfast-").FullName;

    public string Path { get; }

    /// <summary>Names of the files directly in it, in order.</summary>
    public string[] Files => [.. Directory.GetFiles(Path).Select(static f => System.IO.Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    public string this[params string[] parts] => System.IO.Path.Combine([Path, .. parts]);

    /// <summary>Writes a file and gives its path.</summary>
    public string With(string name, byte[] contents)
    {
        File.WriteAllBytes(this[name], contents);
        return this[name];
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
