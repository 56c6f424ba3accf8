using System.CommandLine;
using System.Globalization;
using TrakFast.Cli.Consoles;
using TrakFast.Cli.Parsing;
using TrakFast.Kernels;

namespace TrakFast.Cli.Commands;

/// <summary><c>trakfast top</c>: the strongest proponents and opponents of targets, as tables.</summary>
internal static class TopCommand
{
    private const int ShownTargets = 5;

    /// <summary>The command, ready to be added to the root.</summary>
    public static Command Create(ToolServices services)
    {
        Option<string> saveDirectory = RunOptions.SaveDirectory();
        Option<string> experiment = RunOptions.Experiment();
        Option<long[]> targets = RunOptions.Targets($"Targets to show, by index [default: the first {ShownTargets}].");
        Option<int> count = RunOptions.AtLeastOne("--count", "Proponents and opponents for each target.", 5);
        Command command = new("top", "Show which training examples spoke most strongly for and against each target.")
        {
            saveDirectory, experiment, targets, count,
        };
        command.SetAction((parsed, cancellationToken) =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            using TrakStore store = TrakStore.Open(parsed.GetRequiredValue(saveDirectory));
            using Scores scores = store.ReadScores(parsed.GetRequiredValue(experiment));
            long[] chosen = parsed.GetValue(targets) is { Length: > 0 } given ? given : RunOptions.FirstTargets(scores.TargetCount, ShownTargets);
            foreach (long target in chosen)
            {
                ToolTable strongest = Strongest(scores, target, parsed.GetValue(count));
                services.Console.Line($"Target {target}");
                services.Console.Table(strongest);
            }

            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    private static ToolTable Strongest(Scores scores, long target, int count)
    {
        IReadOnlyList<TrainScore> proponents = scores.Top(target, count);
        IReadOnlyList<TrainScore> opponents = scores.Bottom(target, count);
        ToolTable table = new("Rank", "Proponent", "Score", "Opponent", "Score");
        for (int rank = 0; rank < proponents.Count; rank++)
            table.Add($"{rank + 1}", $"{proponents[rank].Index}", Signed(proponents[rank].Score), $"{opponents[rank].Index}", Signed(opponents[rank].Score));
        return table;
    }

    private static string Signed(float score) => score.ToString("+0.000e+00;-0.000e+00;0", CultureInfo.InvariantCulture);
}
