namespace TrakFast.Docs.Tests;

/// <summary>The repository's files, by their paths from its root with forward slashes.</summary>
internal static class Repository
{
    /// <summary>The root folder.</summary>
    public static string Root { get; } = Path.GetFullPath(Path.Combine(FixtureFolder.Path, "..", ".."));

    /// <summary>The full path of a file or folder.</summary>
    public static string Full(string path) => Path.GetFullPath(Path.Combine(Root, path));

    /// <summary>
    /// Whether there is a file or folder of that name, in that very spelling: a file system that ignores case is no excuse.
    /// </summary>
    public static bool Has(string path)
    {
        string folder = Root;
        foreach (string part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!Directory.Exists(folder) || !Directory.EnumerateFileSystemEntries(folder).Any(entry => Path.GetFileName(entry) == part))
                return false;
            folder = Path.Combine(folder, part);
        }

        return true;
    }

    /// <summary>Text of a file.</summary>
    public static string Read(string path) => File.ReadAllText(Full(path));

    /// <summary>C# files people wrote, below a folder.</summary>
    public static IEnumerable<string> Sources(string folder) =>
        from file in Directory.EnumerateFiles(Full(folder), "*.cs", SearchOption.AllDirectories)
        let parts = Path.GetRelativePath(Root, file).Split(Path.DirectorySeparatorChar)
        where !parts.Contains("bin") && !parts.Contains("obj")
        select string.Join('/', parts);
}
