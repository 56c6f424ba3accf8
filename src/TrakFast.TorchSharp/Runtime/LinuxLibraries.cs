using System.Runtime.InteropServices;

namespace TrakFast.TorchSharp;

/// <summary>
/// Loads libLibTorchSharp.so on systems whose libstdc++ is older than the one it was linked with (Debian 12, Ubuntu 22.04). It asks
/// for GLIBCXX_3.4.32 on account of a single symbol that GCC 13's headers name and nothing calls, so a copy in which that
/// requirement is weak runs; the file itself is left alone. Where the library loads as it is, or for another reason
/// does not, nothing is done.
/// </summary>
internal static class LinuxLibraries
{
    private const string Library = "libLibTorchSharp.so";
    private const string MissingVersion = "GLIBCXX_3.4.32";
    private static readonly string[] Dependencies = ["libc10.so", "libtorch_cpu.so", "libtorch.so"];

    /// <summary>Sees to it that the library is loaded when TorchSharp asks for it, if it can be.</summary>
    public static void Prepare()
    {
        string? file = NativeFiles.Find(Library);
        if (file is null || NativeLibrary.TryLoad(file, out _)) return;
        string folder = Path.GetDirectoryName(file)!;

        // What it needs is found beside it, not beside the copy.
        foreach (string dependency in Dependencies)
        {
            if (!NativeLibrary.TryLoad(Path.Combine(folder, dependency), out _)) return;
        }

        byte[] image = File.ReadAllBytes(file);
        if (!ElfVersions.MakeWeak(image, MissingVersion)) return;
        string copies = Directory.CreateTempSubdirectory("trakfast-torch").FullName;
        string copy = Path.Combine(copies, Library);
        try
        {
            File.WriteAllBytes(copy, image);

            // TorchSharp's own look-up finds the library by its name once it is loaded.
            NativeLibrary.TryLoad(copy, out _);
        }
        finally
        {
            // What is loaded stays mapped.
            Directory.Delete(copies, recursive: true);
        }
    }
}
