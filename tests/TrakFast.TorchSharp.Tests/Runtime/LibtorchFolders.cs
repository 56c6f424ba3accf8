namespace TrakFast.TorchSharp.Tests.Runtime;

/// <summary>Folders with files that have the names of libtorch's libraries and are none.</summary>
internal sealed class LibtorchFolders : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("trakfast-libtorch-").FullName;

    /// <summary>The path of a folder or file, which need not be there.</summary>
    public string this[string name] => Path.Combine([_root, .. name.Split('/')]);

    /// <summary>Makes a folder with libtorch's libraries, but for one.</summary>
    public string Add(string name, string without = "")
    {
        Directory.CreateDirectory(this[name]);
        foreach (string library in new[] { "c10", "torch_cpu", "torch" })
        {
            if (library != without) AddFile(name, NativeFiles.Name(library));
        }

        return this[name];
    }

    /// <summary>Writes a file.</summary>
    public void AddFile(string name, string file, string text = "no library") => File.WriteAllText(Path.Combine(this[name], file), text);

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
