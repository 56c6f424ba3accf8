using System.Globalization;
using TrakFast.Cli.Consoles;
using TrakFast.Cli.Examples;
using TrakFast.Kernels;

namespace TrakFast.Cli.Commands;

/// <summary>The tables of <c>trakfast top</c>: both sides beside each other, or one below the other where each has a text.</summary>
internal static class TopTables
{
    /// <summary>Writes what spoke most strongly for and against a target.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="scores">The scores.</param>
    /// <param name="target">The target's index.</param>
    /// <param name="count">Rows on each side.</param>
    /// <param name="texts">Texts of the examples, or null.</param>
    public static void Write(ToolConsole console, Scores scores, long target, int count, TopTexts? texts)
    {
        IReadOnlyList<TrainScore> proponents = scores.Top(target, count); // refuses a target that is not there
        IReadOnlyList<TrainScore> opponents = scores.Bottom(target, count);
        if (texts is null)
        {
            console.Line($"Target {target}");
            console.Table(Beside(proponents, opponents));
            return;
        }

        console.Line(CellText.Cut(Title(target, texts.Target(target)), console.Width));
        console.Table(Side("Proponent", proponents, texts));
        console.Table(Side("Opponent", opponents, texts));
    }

    private static string Title(long target, (string Label, string Text)? known) => known is not var (label, text)
        ? $"Target {target}"
        : $"Target {target}{(label.Length > 0 ? $" ({label})" : string.Empty)}: {text}";

    private static ToolTable Beside(IReadOnlyList<TrainScore> proponents, IReadOnlyList<TrainScore> opponents)
    {
        ToolTable table = new("Rank", "Proponent", "Score", "Opponent", "Score");
        for (int rank = 0; rank < proponents.Count; rank++)
            table.Add(
                $"{rank + 1}", $"{proponents[rank].Index}", Signed(proponents[rank].Score),
                $"{opponents[rank].Index}", Signed(opponents[rank].Score));
        return table;
    }

    private static ToolTable Side(string heading, IReadOnlyList<TrainScore> strongest, TopTexts texts)
    {
        string[] label = texts.HasLabels ? ["Label"] : [];
        ToolTable table = new(["Rank", heading, "Score", .. label, "Text"]) { CutsLastColumn = true };
        for (int rank = 0; rank < strongest.Count; rank++)
        {
            (string name, string text) = texts.Train(strongest[rank].Index);
            string[] cells = [$"{rank + 1}", $"{strongest[rank].Index}", Signed(strongest[rank].Score)];
            table.Add(texts.HasLabels ? [.. cells, name, text] : [.. cells, text]);
        }

        return table;
    }

    private static string Signed(float score) => score.ToString("+0.000e+00;-0.000e+00;0", CultureInfo.InvariantCulture);
}
