using TrakFast.Cli.Formatting;
using TrakFast.Onnx;

namespace TrakFast.Cli.Runs;

/// <summary>What is left out of a model's parameters, for people: a line for each reason, with the arrays' names.</summary>
internal static class UntrainedLines
{
    private const int MostNamed = 8;

    /// <summary>The lines. What the exporter says of its own constants and buffers is not repeated.</summary>
    /// <param name="arrays">What is left out.</param>
    public static IEnumerable<string> Of(IEnumerable<UntrainedArray> arrays) => arrays
        .Where(static a => a.Clue != UntrainedClue.Exporter)
        .GroupBy(static a => a.Reason, StringComparer.Ordinal)
        .Select(static g => $"Not trained and left out: {Names([.. g.Select(static a => $"{a.Name} {Shapes.Text(a.Shape)}")])} ({g.Key}).");

    /// <summary>Some names, and how many more there are.</summary>
    /// <param name="names">All of them.</param>
    public static string Names(IReadOnlyList<string> names) => names.Count <= MostNamed
        ? string.Join(", ", names)
        : $"{string.Join(", ", names.Take(MostNamed))} and {NumberText.Of(names.Count - MostNamed)} more";
}
