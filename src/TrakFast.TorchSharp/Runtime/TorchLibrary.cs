using TorchSharp;
using TrakFast.TorchSharp.Engines;

namespace TrakFast.TorchSharp;

/// <summary>
/// The native library behind TorchSharp, libtorch, which packages leave to the program: it is loaded from the folder that
/// <see cref="UseFolder"/> or the environment variable <c>TRAKFAST_LIBTORCH</c> names, or else from where a package libtorch put it.
/// </summary>
public static class TorchLibrary
{
    private static readonly Lazy<Outcome> Loading = new(Load);
    private static string? _chosen;

    /// <summary>Whether TorchSharp can be used in this process. Loads libtorch; call it before any other use of TorchSharp.</summary>
    /// <param name="detail">What is in use; otherwise the sentence that says why not.</param>
    public static bool IsAvailable(out string detail)
    {
        Outcome outcome = Loading.Value;
        detail = outcome.Refusal?.Message ?? $"{outcome.Use}, {torch.get_num_threads()} threads{CudaDevices()}";
        return outcome.Refusal is null;
    }

    /// <summary>Whether libtorch can be used, and has a device.</summary>
    /// <param name="device"><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
    /// <param name="detail">What is in use; otherwise the sentence that says why not.</param>
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

    /// <summary>
    /// Chooses the folder that libtorch is loaded from, instead of any other. Must come before any other use of TorchSharp.
    /// </summary>
    /// <param name="directory">A folder with libtorch's libraries, such as a Python installation's <c>torch/lib</c>.</param>
    /// <exception cref="TrakException">
    /// The folder does not hold libtorch, or not the version that TorchSharp needs, or libtorch is loaded already.
    /// </exception>
    public static void UseFolder(string directory)
    {
        LibtorchFolder folder = LibtorchSearch.Choose(directory);
        if (Loading.IsValueCreated)
            throw new TrakException($"libtorch is loaded already; choose {folder.Path} before TorchSharp is first used.");
        _chosen = folder.Path;
    }

    /// <summary>Loads libtorch and TorchSharp's library.</summary>
    /// <exception cref="TrakException">They cannot be loaded; the message says why.</exception>
    public static void Require()
    {
        if (Loading.Value.Refusal is { } refusal) throw new TrakException(refusal.Message, refusal);
    }

    private static string CudaDevices() => torch.cuda.is_available() ? $", {torch.cuda.device_count()} CUDA devices" : "";

    private static Outcome Load()
    {
        try
        {
            string? variable = Environment.GetEnvironmentVariable(LibtorchSearch.VariableName);
            LibtorchFolder? folder = new LibtorchSearch(_chosen, variable, NativeFiles.Searched(), NativeFiles.Beside).Find();
            string version = LibtorchLoader.Load(folder);
            torch.InitializeDeviceType(DeviceType.CPU);
            return new Outcome($"libtorch {version}{(folder is null ? "" : $" from {folder.Path}")}", null);
        }
        catch (TrakException exception)
        {
            return new Outcome(null, exception);
        }
    }

    // What is in use, or what speaks against it.
    private sealed record Outcome(string? Use, TrakException? Refusal);
}
