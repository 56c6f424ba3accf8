using System.Diagnostics;

namespace TrakFast.Kernels.Tests;

/// <summary>NVIDIA's assembler, where one is found.</summary>
/// <param name="path">Its file.</param>
internal sealed class PtxAssembler(string path)
{
    /// <summary>Names a <c>ptxas</c> to use.</summary>
    public const string Variable = "TRAKFAST_PTXAS";

    /// <summary>The assembler named by the environment, or of an installed toolkit, or on the path; otherwise null.</summary>
    public static PtxAssembler? Find()
    {
        string file = OperatingSystem.IsWindows() ? "ptxas.exe" : "ptxas";
        string? chosen = Environment.GetEnvironmentVariable(Variable),
            toolkit = Environment.GetEnvironmentVariable("CUDA_HOME") ?? Environment.GetEnvironmentVariable("CUDA_PATH");
        if (!string.IsNullOrEmpty(chosen)) return new PtxAssembler(chosen);
        IEnumerable<string> folders =
            (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        if (!string.IsNullOrEmpty(toolkit)) folders = folders.Prepend(Path.Combine(toolkit, "bin"));
        return folders.Append("/usr/local/cuda/bin").Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists) is { } found
            ? new PtxAssembler(found)
            : null;
    }

    /// <summary>Assembles a file; what the assembler says of registers, stack and spills, or why it refuses.</summary>
    public (int ExitCode, string Text) Assemble(string file, string architecture)
    {
        string output = Path.GetTempFileName();
        try
        {
            ProcessStartInfo start = new(path, [$"-arch={architecture}", "-v", "-o", output, file])
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true
            };
            using Process process = Process.Start(start)!;
            Task<string> said = process.StandardOutput.ReadToEndAsync();
            string text = process.StandardError.ReadToEnd() + said.GetAwaiter().GetResult();
            process.WaitForExit();
            return (process.ExitCode, text);
        }
        finally
        {
            File.Delete(output);
        }
    }
}
