using System.Diagnostics;
using TrakFast.Cli;
using TrakFast.Cli.Tests.Support;
using TrakFast.Kernels;

namespace TrakFast.Integrity.Tests;

/// <summary>Point 4: a signal stops a run, what is done is kept, and the exit code is the shells'.</summary>
public sealed class SignalTests
{
    private const int Copies = 400;

    [TestCase("TERM", 143)]
    [TestCase("HUP", 129)]
    [TestCase("INT", 130)]
    public void ASignalCommitsWhatIsDone(string signal, int exitCode)
    {
        if (OperatingSystem.IsWindows()) Assert.Ignore("Windows has no such signals.");
        using Workspace work = new();
        foreach (string array in new[] { "train.image.npy", "train.label.npy" })
            work.ChangeArray(array, static a => a.Rows([.. Enumerable.Range(0, Copies * 96).Select(static i => (long)(i % 96))]));
        using Process tool = Start(work.RunArguments("--batch-size 4"));
        while (!File.Exists(work["save", "0", "_is_featurized.mmap"]) && !tool.HasExited) Thread.Sleep(5);
        Thread.Sleep(300);
        using (Process kill = Process.Start("kill", $"-{signal} {tool.Id}")) kill.WaitForExit();
        string error = tool.StandardError.ReadToEnd();
        tool.WaitForExit();
        Assert.That(tool.ExitCode, Is.EqualTo(exitCode), error);
        Assert.That(error, Does.Contain("what was done is kept").And.Contain("--resume"));
        Assert.That(NpyFile.Read(work["save", "0", "_is_featurized.mmap"]).ToLongs().Sum(), Is.GreaterThan(0));
        Assert.That(ToolResult.Of(["verify", work.Save]).ExitCode, Is.Zero);
    }

    [Test]
    public void FactoringAndSolvingStopWithinASecond()
    {
        const int Order = 3000;
        using SymmetricMatrix matrix = new(Order);
        for (int i = 0; i < Order; i++) matrix.Row(i)[i] = 2;
        using CancellationTokenSource source = new();
        source.Cancel();
        Assert.That(
            () => Cholesky.TryFactor(Workers.Single, matrix, out _, source.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(() => Cholesky.Inverse(Workers.Single, matrix, source.Token), Throws.InstanceOf<OperationCanceledException>());
        using NativeBuffer<double> rows = new(4 * Order);
        Assert.That(() => Solve(matrix, rows, source.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    private static unsafe void Solve(SymmetricMatrix factor, NativeBuffer<double> rows, CancellationToken cancellationToken) =>
        Cholesky.SolveRows(new Workers(2), factor, rows.Pointer, 4, cancellationToken);

    private static Process Start(string[] arguments)
    {
        string tool = Path.ChangeExtension(typeof(TrakFastTool).Assembly.Location, ".dll");
        ProcessStartInfo start = new(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet")
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        foreach (string argument in new[] { "exec", "--runtimeconfig", Path.ChangeExtension(typeof(SignalTests).Assembly.Location, ".runtimeconfig.json"), tool })
            start.ArgumentList.Add(argument);
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        Process process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        return process;
    }
}
