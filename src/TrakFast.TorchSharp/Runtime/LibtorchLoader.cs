using System.Globalization;
using System.Runtime.InteropServices;
using TorchSharp;

namespace TrakFast.TorchSharp;

/// <summary>
/// Loads libtorch and TorchSharp's library in the order in which they need each other, each from where it is. Whatever asks for them
/// by their names afterwards is given what is loaded, so TorchSharp has nothing left to look for: by itself it would copy what a
/// cache of packages holds into the program's folder.
/// </summary>
internal static partial class LibtorchLoader
{
    // The least version that tells its number.
    private const string FirstToTell = "2.9";

    /// <summary>Loads both.</summary>
    /// <param name="folder">libtorch's folder; null to find its libraries by their names.</param>
    /// <returns>libtorch's version.</returns>
    /// <exception cref="TrakException">One cannot be loaded, or libtorch has another version than TorchSharp needs.</exception>
    public static string Load(LibtorchFolder? folder)
    {
        string version = LoadLibtorch(folder);
        LoadTorchSharp(folder is null ? version : $"{version} from {folder.Path}");

        // Libraries that libtorch loads later, cuDNN's among them, are asked for by their names alone.
        if (OperatingSystem.IsWindows() && folder is not null) SetDllDirectory(folder.Path);
        return version;
    }

    private static string LoadLibtorch(LibtorchFolder? folder)
    {
        string? version = null;
        foreach (string file in folder?.Files ?? [LibtorchFolder.Core])
        {
            nint handle;
            try
            {
                handle = NativeLibrary.Load(file);
            }
            catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
            {
                throw folder is null
                    ? new TrakException($"libtorch, the native library behind TorchSharp, is not there ({file}); add the package "
                        + $"libtorch-cpu-{RuntimeInformation.RuntimeIdentifier} or one of libtorch-cuda, of version "
                        + $"{LibtorchSearch.NeededVersion}, or name its folder in {LibtorchSearch.VariableName}.", exception)
                    : new TrakException($"libtorch in {folder.Path} cannot be loaded: {Reason(exception)}.", exception);
            }

            if (Path.GetFileName(file) != LibtorchFolder.Core) continue;
            version = Version(handle);
            if (!LibtorchSearch.Fits(version)) throw LibtorchSearch.WrongVersion(folder?.Path ?? file, version);
        }

        return version!;
    }

    private static void LoadTorchSharp(string libtorch)
    {
        string? file = NativeFiles.Searched().Select(static f => Path.Combine(f, NativeFiles.TorchSharp)).FirstOrDefault(File.Exists);
        string? problem = file is null ? null
            : OperatingSystem.IsLinux() ? LinuxLibraries.Load(file)
            : NativeLibrary.TryLoad(file, out _) ? null : $"{file} cannot be loaded";

        // The look-up that TorchSharp begins with; where it fails, TorchSharp would go on to copy.
        if (problem is null && !NativeLibrary.TryLoad("LibTorchSharp", typeof(torch).Assembly, null, out _))
            problem = $"{file ?? NativeFiles.TorchSharp} is not found";
        if (problem is null) return;
        throw new TrakException($"TorchSharp's native library cannot be loaded with libtorch {libtorch}: {problem.TrimEnd('.')}.");
    }

    // .NET's own advice comes first, what the system's loader said last.
    private static string Reason(Exception exception) =>
        exception.Message.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1].Trim().TrimEnd('.');

    // The number's bytes, from the highest, are major, minor and patch version.
    private static unsafe string Version(nint library)
    {
        if (!NativeLibrary.TryGetExport(library, "aoti_torch_abi_version", out nint tell)) return $"older than {FirstToTell}";
        ulong number = ((delegate* unmanaged<ulong>)tell)();
        return string.Create(CultureInfo.InvariantCulture, $"{number >> 56}.{(byte)(number >> 48)}.{(byte)(number >> 40)}");
    }

    [LibraryImport("kernel32", EntryPoint = "SetDllDirectoryW", StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool SetDllDirectory(string folder);
}
