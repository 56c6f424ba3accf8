using System.CommandLine;
using TrakFast.Cli;
using TrakFast.Cli.Consoles;

namespace TrakFast.Docs.Tests.Commands;

/// <summary>The two tools: what they accept, and what they do.</summary>
internal static class ToolParser
{
    /// <summary>Names of the tools.</summary>
    public static IReadOnlyList<string> Tools { get; } = ["trakfast", "trakfast-torch"];

    /// <summary>A tool's commands and options.</summary>
    public static RootCommand Root(string tool) => throw new NotImplementedException(tool);

    /// <summary>What is wrong with a command line; empty where nothing is.</summary>
    public static IReadOnlyList<string> Errors(string tool, IEnumerable<string> arguments) =>
        [.. Root(tool).Parse([.. arguments]).Errors.Select(static error => error.Message)];
}
