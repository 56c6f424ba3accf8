using System.CommandLine;
using TrakFast.Cli.Data;
using TrakFast.Cli.Consoles;
using TrakFast.Cli.Examples;
using TrakFast.Cli.Parsing;
using TrakFast.Cli.Report;
using TrakFast.Cli.Report.Content;
using TrakFast.Cli.Runs;

namespace TrakFast.Cli.Commands;

/// <summary><c>trakfast report</c>: one self-contained HTML file that shows what an experiment found.</summary>
internal static class ReportCommand
{
    private const int ShownTargets = 6;

    /// <summary>The command, ready to be added to the root.</summary>
    public static Command Create(ToolServices services)
    {
        Option<string> saveDirectory = RunOptions.SaveDirectory();
        Option<string> experiment = RunOptions.Experiment();
        ShownOptionSet sets = new();
        ExampleOptionSet examples = new();
        Option<string[]> show = new("--show")
        {
            Description = "Arrays to show, by name [default: the first that is a picture, and all of token ids].",
            HelpName = "NAME",
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = static _ => [],
        };
        Option<long[]> targets = RunOptions.Targets($"Targets to show, by index [default: the first {ShownTargets}].");
        Option<int> count = RunOptions.AtLeastOne("--count", "Proponents and opponents for each target.", 8);
        Option<string> output = new("--output")
        {
            Description = "The file to write.",
            HelpName = "FILE",
            DefaultValueFactory = static _ => "report.html"
        };
        Option<string> title = new("--title")
        {
            Description = "Heading of the report.",
            HelpName = "TEXT",
            DefaultValueFactory = static _ => "Training data attribution"
        };
        Command command = new("report", "Write one HTML file with the strongest proponents and opponents of chosen targets.")
        {
            saveDirectory, experiment,
        };
        sets.AddTo(command);
        examples.AddTo(command);
        foreach (Option option in new Option[] { show, targets, count, output, title }) command.Add(option);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using TrakStore store = TrakStore.Open(parsed.GetRequiredValue(saveDirectory));
            using Scores scores = store.ReadScores(parsed.GetRequiredValue(experiment));
            ExampleOptions shown = examples.Read(parsed) with { Show = parsed.GetValue(show) ?? [] };
            using ShownSets known = sets.Open(parsed, store, parsed.GetRequiredValue(experiment), shown);
            long[] chosen = parsed.GetValue(targets) is { Length: > 0 } given
                ? given
                : RunOptions.FirstTargets(scores.TargetCount, ShownTargets);
            ReportBuilder builder = new(scores, known.ToReader());
            ScoresProvenance made = ProvenanceTable.Of(store, parsed.GetRequiredValue(experiment));
            known.RequireScored(made);
            RunFacts facts = ReportBuilder.Facts(store, scores, store.SaveDirectory, made);
            string path = parsed.GetRequiredValue(output);
            ReportFile.RequireOurs(path);
            await ReportFile.SaveAsync(
                builder.Build(parsed.GetRequiredValue(title), facts, chosen, parsed.GetValue(count)),
                path, cancellationToken).ConfigureAwait(false);
            foreach (string warning in builder.Warnings) services.Error.WriteLine(warning);
            services.Console.Line($"Report: {Path.GetFullPath(path)}");
            return ExitCode.Done;
        });
        return command;
    }
}
