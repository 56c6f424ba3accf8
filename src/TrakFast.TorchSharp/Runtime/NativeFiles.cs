using System.Runtime.InteropServices;
using TorchSharp;

namespace TrakFast.TorchSharp;

/// <summary>
/// Native libraries as files: their names, and the folders in which .NET looks for one that TorchSharp asks for by its name.
/// </summary>
internal static class NativeFiles
{
    /// <summary>TorchSharp's own library, which its package brings.</summary>
    public static string TorchSharp { get; } = Name("LibTorchSharp");

    /// <summary>Where a program may keep libtorch without .NET finding it there by itself, so that another can be chosen.</summary>
    public static string Beside { get; } = Path.Combine(AssemblyFolder(), "libtorch");

    /// <summary>A library's file on this system: <c>libc10.so</c>, <c>c10.dll</c>, <c>libc10.dylib</c>.</summary>
    public static string Name(string library) =>
        OperatingSystem.IsWindows() ? $"{library}.dll" : OperatingSystem.IsMacOS() ? $"lib{library}.dylib" : $"lib{library}.so";

    /// <summary>Where packages' libraries lie: the folders that .NET searches, and those in which a build leaves them.</summary>
    public static IReadOnlyList<string> Searched()
    {
        string assembly = AssemblyFolder();
        string[] searched = AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") is string list
            ? list.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries) : [];
        return [.. searched, assembly, Path.Combine(assembly, "runtimes", RuntimeInformation.RuntimeIdentifier, "native")];
    }

    private static string AssemblyFolder() =>
        Path.GetDirectoryName(typeof(torch).Assembly.Location) is { Length: > 0 } folder ? folder : AppContext.BaseDirectory;
}
