namespace TrakFast.TorchSharp;

/// <summary>
/// A folder with libtorch's libraries: a package's, an unpacked libtorch's <c>lib</c>, a Python installation's <c>torch/lib</c>.
/// </summary>
/// <param name="Path">The folder's full path.</param>
internal sealed record LibtorchFolder(string Path)
{
    // In the order in which they need each other. Builds for CUDA have two more.
    private static readonly (string Library, bool IsForCuda)[] Libraries =
        [("c10", false), ("c10_cuda", true), ("torch_cpu", false), ("torch_cuda", true), ("torch", false)];

    /// <summary>The library that every other use of libtorch needs, as a file.</summary>
    public static string Core { get; } = NativeFiles.Name("torch_cpu");

    /// <summary>The libraries, by their full paths, each behind those that it needs.</summary>
    public IReadOnlyList<string> Files =>
        [.. from entry in Libraries let file = File(entry.Library) where !entry.IsForCuda || System.IO.File.Exists(file) select file];

    /// <summary>The first file that is missing; null where there is none.</summary>
    public string? Missing =>
        (from entry in Libraries
         where !entry.IsForCuda && !System.IO.File.Exists(File(entry.Library))
         select NativeFiles.Name(entry.Library)).FirstOrDefault();

    /// <summary>
    /// The version that files beside the libraries state, as Python's <c>torch/version.py</c> and an unpacked libtorch's
    /// <c>build-version</c> do; null where none does.
    /// </summary>
    public string? StatedVersion()
    {
        DirectoryInfo? above = Directory.GetParent(Path);
        if (above is null) return null;
        string build = System.IO.Path.Combine(above.FullName, "build-version");
        string python = System.IO.Path.Combine(above.FullName, "version.py");
        if (System.IO.File.Exists(build)) return System.IO.File.ReadLines(build).FirstOrDefault()?.Trim();
        if (above.Name != "torch" || !System.IO.File.Exists(python)) return null;
        string? line = System.IO.File.ReadLines(python).FirstOrDefault(static l => l.StartsWith("__version__", StringComparison.Ordinal));
        return line?.Split('\'', '"') is [_, string version, ..] ? version : null;
    }

    private string File(string library) => System.IO.Path.Combine(Path, NativeFiles.Name(library));
}
