using System.CommandLine;
using TrakFast.Cli;
using TrakFast.Cli.Commands;
using TrakFast.Cli.Consoles;
using TrakFast.Cli.TorchSharp;

namespace TrakFast.Docs.Tests.Commands;

/// <summary>The two tools: what they accept, and what they do.</summary>
internal static class ToolParser
{
    private const string Managed = "trakfast", WithTorch = "trakfast-torch";

    /// <summary>Names of the tools.</summary>
    public static IReadOnlyList<string> Tools { get; } = [Managed, WithTorch];

    /// <summary>A tool's commands with their options.</summary>
    public static RootCommand Root(string tool) =>
        TrakFastTool.CreateRootCommand(ToolServices.Compose(
            tool == WithTorch ? new TorchEngine() : null, ToolConsole.For(TextWriter.Null), TextWriter.Null, TextWriter.Null));

    /// <summary>What is wrong with a command line; empty where nothing is.</summary>
    public static IReadOnlyList<string> Errors(string tool, IEnumerable<string> arguments) =>
        [.. Root(tool).Parse([.. arguments]).Errors.Select(static error => error.Message)];

    /// <summary>Runs <c>trakfast</c> in the current directory.</summary>
    /// <returns>The exit code and what came on standard error.</returns>
    public static (int Code, string Error) Run(string[] arguments)
    {
        StringWriter error = new();
        return (TrakFastTool.Run(arguments, TextWriter.Null, error), error.ToString());
    }
}
