using System.CommandLine;
using TrakFast.Cli.Data;
using TrakFast.Cli.Consoles;
using TrakFast.Cli.Examples;
using TrakFast.Cli.Parsing;
using TrakFast.Cli.Runs;

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
        ShownOptionSet sets = new();
        Option<string?> output = new("--output")
        {
            Description = "Also write the lists with the original rows: a .csv, .jsonl or .parquet file.",
            HelpName = "FILE",
        };
        Option<string?> sumBy = new("--sum-by")
        {
            Description = "List groups of training examples instead, with the sums of their scores: document for texts cut by --chunk, or any column.",
            HelpName = "COLUMN",
        };
        ExampleOptionSet examples = new();
        Command command = new("top", "Show which training examples spoke most strongly for and against each target.")
        {
            saveDirectory, experiment, targets, count, output, sumBy,
        };
        sets.AddTo(command);
        examples.AddTo(command);
        command.SetAction((parsed, cancellationToken) =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            using TrakStore store = TrakStore.Open(parsed.GetRequiredValue(saveDirectory));
            using Scores scores = store.ReadScores(parsed.GetRequiredValue(experiment));
            long[] chosen = parsed.GetValue(targets) is { Length: > 0 } given
                ? given
                : RunOptions.FirstTargets(scores.TargetCount, ShownTargets);
            string name = parsed.GetRequiredValue(experiment);
            using ShownSets known = sets.OpenIfThere(parsed, store, name, examples.Read(parsed), services.Error.WriteLine);
            known.RequireScored(ProvenanceTable.Of(store, name));
            TopTexts? texts = known.ToTexts(scores);
            if (parsed.GetValue(sumBy) is { } column)
            {
                TopGroups groups = new(
                    scores, known.TrainRows?.Source ?? throw new TrakException($"--sum-by {column} wants training examples that are rows of a table; those of {store.SaveDirectory} are not."), column);
                foreach (long index in chosen) groups.Write(services.Console, index, parsed.GetValue(count));
            }
            else
            {
                foreach (long index in chosen) TopTables.Write(services.Console, scores, index, parsed.GetValue(count), texts);
            }

            if (parsed.GetValue(output) is { } file)
            {
                TopRows.Write(file, scores, chosen, parsed.GetValue(count), known);
                services.Console.Line($"Lists: {Path.GetFullPath(file)}");
            }

            foreach (string line in ProvenanceTable.Lines(store, name)) services.Console.Line(line);
            foreach (string warning in texts?.Warnings ?? []) services.Error.WriteLine(warning);
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }
}
