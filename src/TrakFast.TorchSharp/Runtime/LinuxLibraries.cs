using System.Runtime.InteropServices;

namespace TrakFast.TorchSharp;

/// <summary>
/// Loads libLibTorchSharp.so on Linux, all of its symbols at once: .NET leaves functions to be found when they are first called, and
/// one that another version of libtorch lacks would end the process there.
/// </summary>
/// <remarks>
/// The library also loads where libstdc++ is older than the one it was linked with (Debian 12, Ubuntu 22.04). It asks for
/// GLIBCXX_3.4.32 on account of a single symbol that GCC 13's headers name and nothing calls, so a copy in which that requirement is
/// weak runs; the file itself is left alone.
/// </remarks>
internal static partial class LinuxLibraries
{
    private const string MissingVersion = "GLIBCXX_3.4.32";
    private const int BindNow = 2;

    /// <summary>Loads the library. libtorch must be loaded.</summary>
    /// <param name="file">Its path.</param>
    /// <returns>What the loader says against it; null where it is loaded.</returns>
    public static string? Load(string file)
    {
        string? problem = Open(file);
        if (problem is null || !problem.Contains(MissingVersion, StringComparison.Ordinal)) return problem;
        byte[] image = File.ReadAllBytes(file);
        if (!ElfVersions.MakeWeak(image, MissingVersion)) return problem;
        string copies = Directory.CreateTempSubdirectory("trakfast-torch").FullName;
        try
        {
            // TorchSharp's own look-up finds the library by its name once it is loaded.
            string copy = Path.Combine(copies, Path.GetFileName(file));
            File.WriteAllBytes(copy, image);
            return Open(copy);
        }
        finally
        {
            // What is loaded stays mapped.
            Directory.Delete(copies, recursive: true);
        }
    }

    private static string? Open(string file)
    {
        LastError(); // Binding the function itself is an error's chance to be forgotten, so it is bound first.
        return Open(file, BindNow) != 0 ? null : Marshal.PtrToStringUTF8(LastError()) ?? $"{file} cannot be loaded";
    }

    [LibraryImport("libdl.so.2", EntryPoint = "dlopen", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Open(string file, int flags);

    [LibraryImport("libdl.so.2", EntryPoint = "dlerror")]
    private static partial nint LastError();
}
