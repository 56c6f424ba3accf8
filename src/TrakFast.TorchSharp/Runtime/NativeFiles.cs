using System.Runtime.InteropServices;
using TorchSharp;

namespace TrakFast.TorchSharp;

/// <summary>Native libraries that packages brought along, as files.</summary>
internal static class NativeFiles
{
    /// <summary>A folder to look in first; null for none.</summary>
    public static string? Chosen { get; set; } = Environment.GetEnvironmentVariable("TRAKFAST_LIBTORCH");

    /// <summary>The path of a library, or null where no package brought it.</summary>
    public static string? Find(string file) => Folders().Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);

    // Where the runtime looks for them, and where a build leaves them.
    private static IEnumerable<string> Folders()
    {
        string assembly = Path.GetDirectoryName(typeof(torch).Assembly.Location) is { Length: > 0 } beside ? beside : AppContext.BaseDirectory;
        string[] searched = AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") is string list ? list.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries) : [];
        return [.. Chosen is null ? Array.Empty<string>() : [Chosen], .. searched, assembly, Path.Combine(assembly, "runtimes", RuntimeInformation.RuntimeIdentifier, "native")];
    }
}
