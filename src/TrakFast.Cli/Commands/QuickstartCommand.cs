using System.CommandLine;
using TrakFast.Cli.Consoles;
using TrakFast.Cli.Parsing;
using TrakFast.Cli.Quickstart;

namespace TrakFast.Cli.Commands;

/// <summary><c>trakfast quickstart</c>: the whole story on the embedded digits, ending with a report.</summary>
internal static class QuickstartCommand
{
    /// <summary>The command, ready to be added to the root.</summary>
    public static Command Create(ToolServices services)
    {
        Option<string> output = new("--output")
        {
            Description = "Directory for everything it makes.",
            HelpName = "DIR",
            DefaultValueFactory = static _ => "trakfast-quickstart"
        };
        Option<int> threads = RunOptions.AtLeastOne("--threads", "Threads to use.", Environment.ProcessorCount);
        Option<int> subsets = RunOptions.AtLeastOne(
            "--subset-count", "Half subsets to retrain on, two trainings each; fewer are quicker and noisier.", 64);
        Command command = new("quickstart", "Train, attribute and evaluate a small network on the embedded digits, and write a report.")
        {
            output,
            threads,
            subsets
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await new QuickstartRun(parsed.GetRequiredValue(output), parsed.GetValue(threads), parsed.GetValue(subsets), services.Console)
                .ExecuteAsync(cancellationToken).ConfigureAwait(false);
            return ExitCode.Done;
        });
        return command;
    }
}
