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

    /// <summary>Loads the library.</summary>
    /// <exception cref="TrakException">It cannot be loaded; the message says why.</exception>
    public static void Require()
    {
        if (Refusal.Value is { } refusal) throw new TrakException(refusal);
    }

    private static string? Load()
    {
        try
        {
            if (OperatingSystem.IsLinux()) LinuxLibraries.Prepare();
            torch.InitializeDeviceType(DeviceType.CPU);
            return null;
        }
        catch (TypeInitializationException exception) when (exception.InnerException is { } inner)
        {
            return Explain(inner);
        }
        catch (Exception exception) when (exception is NotSupportedException or DllNotFoundException or BadImageFormatException)
        {
            return Explain(exception);
        }
    }

    private static string Explain(Exception exception) =>
        $"TorchSharp's native library cannot be loaded ({FirstLine(exception.Message)}); add the package libtorch-cpu-{RuntimeInformation.RuntimeIdentifier} or libtorch-cuda-12.8-{RuntimeInformation.RuntimeIdentifier} of the version that TorchSharp names.";

    private static string FirstLine(string message) => message.Split('\n', 2)[0].Trim().TrimEnd('.');
}
