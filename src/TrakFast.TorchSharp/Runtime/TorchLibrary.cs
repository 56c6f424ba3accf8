using System.Runtime.InteropServices;
using TorchSharp;

namespace TrakFast.TorchSharp;

/// <summary>
/// The native library behind TorchSharp. Whether it loads is only known when it was tried: TorchSharp restores without
/// libtorch, and its library wants a newer C++ runtime than some systems have.
/// </summary>
public static class TorchLibrary
{
    private static readonly Lazy<string?> Refusal = new(Load);

    /// <summary>Whether TorchSharp can be used in this process. Call it before any other use of TorchSharp.</summary>
    /// <param name="detail">The version in use; otherwise the sentence that says why not.</param>
    public static bool IsAvailable(out string detail)
    {
        detail = Refusal.Value ?? $"libtorch {torch.__version__}, {torch.get_num_threads()} threads{(torch.cuda.is_available() ? $", {torch.cuda.device_count()} CUDA devices" : "")}";
        return Refusal.Value is null;
    }

    /// <summary>Whether libtorch, once it is loaded, has a device.</summary>
    /// <param name="device"><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
    /// <param name="detail">The version in use; otherwise the sentence that says why not.</param>
    public static bool HasDevice(string device, out string detail)
    {
        if (!IsAvailable(out detail)) return false;
        try
        {
            TorchDevice.Parse(device);
            return true;
        }
        catch (TrakException exception)
        {
            detail = exception.Message;
            return false;
        }
    }

    /// <summary>Chooses the folder that libtorch is loaded from. Must come before any other use of TorchSharp.</summary>
    /// <param name="directory">A folder with libtorch's libraries, such as a Python installation's <c>torch/lib</c>.</param>
    /// <exception cref="TrakException">The folder does not hold them, or libtorch is loaded already.</exception>
    public static void UseFolder(string directory)
    {
        if (Refusal.IsValueCreated) throw new TrakException($"libtorch is loaded already; choose {directory} before TorchSharp is first used.");
        NativeFiles.Chosen = Path.GetFullPath(directory);
    }

    /// <summary>Loads the library.</summary>
    /// <exception cref="TrakException">It cannot be loaded; the message says why.</exception>
    public static void Require()
    {
        if (Refusal.Value is { } refusal) throw new TrakException($"{refusal}.");
    }

    private static string? Load()
    {
        // TorchSharp by itself would write a page to standard output, and copy what it finds in a cache of packages.
        string core = OperatingSystem.IsWindows() ? "torch_cpu.dll" : OperatingSystem.IsMacOS() ? "libtorch_cpu.dylib" : "libtorch_cpu.so";
        if (NativeFiles.Find(core) is null && !NativeLibrary.TryLoad(core, out _)) return Explain($"{core} is not there");
        try
        {
            if (OperatingSystem.IsLinux()) LinuxLibraries.Prepare();
            torch.InitializeDeviceType(DeviceType.CPU);
            return null;
        }
        catch (TypeInitializationException exception)
        {
            return Explain(TorchErrors.Line(exception.InnerException ?? exception));
        }
        catch (Exception exception) when (exception is NotSupportedException or DllNotFoundException or BadImageFormatException)
        {
            return Explain(TorchErrors.Line(exception));
        }
    }

    private static string Explain(string problem) =>
        $"libtorch, the native library behind TorchSharp, cannot be loaded: {problem}; add the package libtorch-cpu-{RuntimeInformation.RuntimeIdentifier} or one of libtorch-cuda, of the version that TorchSharp names";
}
