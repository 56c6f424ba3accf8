using System.Text.RegularExpressions;

namespace TrakFast.Docs.Tests.Commands;

/// <summary>The kinds of command that pages show, and how each can be wrong without being run.</summary>
internal static partial class CommandLine
{
    /// <summary>What is wrong with a command; null where nothing is.</summary>
    public static string? Trouble(string[] words) => words switch
    {
        [string tool, .. string[] arguments] when ToolParser.Tools.Contains(tool) => Tool(tool, arguments),
        ["dotnet", "run", .. string[] rest] => Runs(rest),
        ["dotnet", "test", .. string[] rest] => Missing(rest.Where(static w => w.StartsWith("tests/", StringComparison.Ordinal))),
        ["dotnet", "publish" or "pack" or "build" or "format", .. string[] rest] =>
            Missing(rest.Where(static w => w.Contains('/') && !w.StartsWith('-') && !w.StartsWith("artifacts/", StringComparison.Ordinal))),
        ["dotnet", "cake", .. string[] rest] => Cake(rest),
        ["dotnet", "tool", "restore"] => null,
        ["dotnet", "tool", "install", .. string[] rest] => Package(rest[^1]),
        ["dotnet", "add", "package", string package, ..] => Package(package),
        ["dotnet", "docfx", string file, ..] => Missing([file]),
        ["python3", string file, ..] => Missing([file]),
        ["artifacts/gpu/TrakFast.Benchmarks", "gpu"] => null,
        ["export" or "yamllint" or "for" or "cd" or "npm" or "node", ..] => null,
        _ => "the tests know no such command",
    };

    private static string? Tool(string tool, IEnumerable<string> arguments) =>
        ToolParser.Errors(tool, arguments) is { Count: > 0 } errors ? string.Join(' ', errors) : null;

    private static string? Runs(string[] words)
    {
        int project = Array.IndexOf(words, "--project") + 1, arguments = Array.IndexOf(words, "--") + 1;
        if (project == 0) return "there is no --project";
        string tool = words[project] switch
        {
            "src/TrakFast.Cli" => "trakfast",
            "src/TrakFast.Cli.TorchSharp" => "trakfast-torch",
            _ => string.Empty
        };
        return Missing([words[project]])
            ?? (tool.Length > 0 && arguments > 0 && arguments < words.Length ? Tool(tool, words[arguments..]) : null);
    }

    private static string? Cake(string[] words)
    {
        string[] targets = [.. TargetNames().Matches(Repository.Read("build.cake")).Select(static m => m.Groups[1].Value)];
        return words.FirstOrDefault(
            word => word.StartsWith("--target=", StringComparison.Ordinal) && !targets.Contains(word["--target=".Length..])) is { } unknown
            ? $"build.cake has no {unknown}; it has {string.Join(", ", targets)}"
            : null;
    }

    private static string? Package(string name) => name switch
    {
        _ when name.StartsWith("TrakFast", StringComparison.Ordinal) =>
            Missing([$"{(name.StartsWith("TrakFast.Kernels", StringComparison.Ordinal) ? "kernels" : "src")}/{name}"]),
        "TorchSharp" or "libtorch-cpu-linux-x64" or "libtorch-cuda-12.8-linux-x64" => null,
        _ => $"the tests know no package {name}",
    };

    private static string? Missing(IEnumerable<string> paths) =>
        paths.FirstOrDefault(static path => !Repository.Has(path)) is { } missing ? $"there is no {missing}" : null;

    [GeneratedRegex(@"Task\(""(\w+)""\)")]
    private static partial Regex TargetNames();
}
