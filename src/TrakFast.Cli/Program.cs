namespace TrakFast.Cli;

/// <summary>The process: its streams, its Ctrl-C and its exit code. Everything else is <see cref="TrakFastTool"/>.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        using CancellationTokenSource cancellation = new();
        Console.CancelKeyPress += (_, press) =>
        {
            press.Cancel = !cancellation.IsCancellationRequested; // the second Ctrl-C ends the process at once
            cancellation.Cancel();
        };
        return TrakFastTool.Run(args, Console.Out, Console.Error, cancellation.Token);
    }
}
