namespace TrakFast.Tests;

/// <summary>A folder for one test, deleted with everything in it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("trakfast-test-");

    public string this[string name] => Path.Combine(_folder.FullName, name);

    public string[] Files => [.. _folder.GetFiles().Select(static f => f.Name).Order(StringComparer.Ordinal)];

    public string With(string name, byte[] contents)
    {
        File.WriteAllBytes(this[name], contents);
        return this[name];
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
