using System.Globalization;
using System.Text.RegularExpressions;

namespace TrakFast.Kernels.Tests;

/// <summary>What a PTX file says of its entry.</summary>
/// <param name="Entry">The entry's name.</param>
/// <param name="Parameters">Each parameter's type, such as <c>.b32</c>, or <c>.align 8 .b8[16]</c> for a block of bytes.</param>
/// <param name="Threads">The most threads of a group, along each axis, or empty where it does not say.</param>
/// <param name="Target">The architecture, such as <c>sm_80</c>.</param>
internal sealed partial record PtxSignature(string Entry, IReadOnlyList<string> Parameters, IReadOnlyList<int> Threads, string Target)
{
    public static PtxSignature Of(string ptx)
    {
        Match entry = EntryPattern().Matches(ptx).Single();
        return new PtxSignature(
            entry.Groups["name"].Value,
            [.. ParameterPattern().Matches(entry.Groups["parameters"].Value)
                .Select(static p => p.Groups["type"].Value + p.Groups["length"].Value)],
            [.. NumberPattern().Matches(ThreadsPattern().Match(entry.Groups["rest"].Value).Value).Select(static n => Integer(n.Value))],
            TargetPattern().Match(ptx).Groups[1].Value);
    }

    /// <summary>The type that a parameter has in PTX.</summary>
    public static string TypeOf(ArgumentKind kind) => kind switch
    {
        ArgumentKind.Int32 => ".b32",
        ArgumentKind.Int64 => ".b64",
        ArgumentKind.Float32 => ".f32",
        _ => ".align 8 .b8[16]",
    };

    /// <summary>Bytes of a parameter of a type.</summary>
    public static int BytesOf(string type)
    {
        Match block = BlockPattern().Match(type);
        return block.Success ? Integer(block.Groups[1].Value) : Integer(type[2..]) / 8;
    }

    private static int Integer(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\.entry\s+(?<name>[\w$]+)\s*\((?<parameters>[^)]*)\)(?<rest>[^{]*)\{")]
    private static partial Regex EntryPattern();

    [GeneratedRegex(@"\.param\s+(?<type>(\.align\s+\d+\s+)?\.\w+)\s+[\w$]+(?<length>\[\d+\])?")]
    private static partial Regex ParameterPattern();

    [GeneratedRegex(@"\.maxntid[^.]*")]
    private static partial Regex ThreadsPattern();

    [GeneratedRegex(@"\d+")]
    private static partial Regex NumberPattern();

    [GeneratedRegex(@"\.target\s+(\w+)")]
    private static partial Regex TargetPattern();

    [GeneratedRegex(@"\[(\d+)\]$")]
    private static partial Regex BlockPattern();
}
