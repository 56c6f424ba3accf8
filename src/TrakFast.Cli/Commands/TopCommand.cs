using System.CommandLine;
using System.CommandLine.Parsing;
using TrakFast.Cli.Arguments;
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
        Option<IReadOnlyList<NamedFile>> train = RunOptions.NamedFiles(
            "--train", "The training examples, to show the text of their token ids.");
        Option<IReadOnlyList<NamedFile>> target = RunOptions.NamedFiles("--target", "The targets, to show their text too.");
        ExampleOptionSet examples = new();
        Command command = new("top", "Show which training examples spoke most strongly for and against each target.")
        {
            saveDirectory, experiment, targets, count, train, target,
        };
        examples.AddTo(command);
        command.Validators.Add(result =>
        {
            if (!IsGiven(result, train) && (IsGiven(result, target) || IsGiven(result, examples.Vocabularies)))
                result.AddError(
                    $"{(IsGiven(result, target) ? "--target" : "--vocabulary")} needs --train, whose token ids are shown as text.");
        });
        command.SetAction((parsed, cancellationToken) =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            using TrakStore store = TrakStore.Open(parsed.GetRequiredValue(saveDirectory));
            using Scores scores = store.ReadScores(parsed.GetRequiredValue(experiment));
            long[] chosen = parsed.GetValue(targets) is { Length: > 0 } given
                ? given
                : RunOptions.FirstTargets(scores.TargetCount, ShownTargets);
            using NpyDataset? trainSet = Open(parsed.GetValue(train));
            using NpyDataset? targetSet = Open(parsed.GetValue(target));
            ScoredSets.CheckSame(ProvenanceTable.Of(store, parsed.GetRequiredValue(experiment)), trainSet, targetSet);
            TopTexts? texts = trainSet is null ? null : new TopTexts(scores, trainSet, targetSet, examples.Read(parsed));
            foreach (long index in chosen) TopTables.Write(services.Console, scores, index, parsed.GetValue(count), texts);
            foreach (string line in ProvenanceTable.Lines(store, parsed.GetRequiredValue(experiment))) services.Console.Line(line);
            foreach (string warning in texts?.Warnings ?? []) services.Error.WriteLine(warning);
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    private static bool IsGiven(CommandResult result, Option option) => result.GetResult(option) is { Implicit: false };

    private static NpyDataset? Open(IReadOnlyList<NamedFile>? files) => files is { Count: > 0 } ? NamedFile.Open(files) : null;
}
