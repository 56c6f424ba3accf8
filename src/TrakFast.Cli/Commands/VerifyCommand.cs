using System.CommandLine;
using TrakFast.Cli.Consoles;
using TrakFast.Cli.Data;
using TrakFast.Cli.Runs;

namespace TrakFast.Cli.Commands;

/// <summary><c>trakfast verify</c>: is everything in a save directory what was written?</summary>
internal static class VerifyCommand
{
    /// <summary>The command, ready to be added to the root.</summary>
    public static Command Create(ToolServices services)
    {
        Argument<string?> bare = new("DIR")
        {
            Description = "The save directory.",
            Arity = ArgumentArity.ZeroOrOne,
            DefaultValueFactory = static _ => null,
        };
        Option<string?> saveDirectory = new("--save-dir") { Description = "The same as DIR.", HelpName = "DIR" };
        Option<bool> repair = new("--repair")
        {
            Description = "Mark what is damaged as not done, so that 'run --resume' does it again, and nothing else.",
        };
        Command command = new("verify", "Read all of a save directory and name every file and row that is not what was written.")
        {
            bare, saveDirectory, repair,
        };
        command.Validators.Add(result =>
        {
            bool isBare = result.GetResult(bare) is { Implicit: false }, isNamed = result.GetResult(saveDirectory) is { Implicit: false };
            if (isBare == isNamed)
                result.AddError(isBare ? "The save directory is given twice; give it once." : "Give the save directory.");
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string directory = parsed.GetValue(saveDirectory) ?? parsed.GetValue(bare)!;
            bool repairs = parsed.GetValue(repair);
            IReadOnlyList<StoreDamage> damages = await services.Console.RunAsync(
                "Verifying", Arrays(directory), "arrays", progress => Task.Run(
                    () => repairs
                        ? TrakStore.Repair(directory, Relay.Of(progress), cancellationToken)
                        : TrakStore.Verify(directory, Relay.Of(progress), cancellationToken),
                    cancellationToken)).ConfigureAwait(false);
            damages = [.. damages, .. ExampleDamage(directory, repairs)];
            foreach (StoreDamage damage in damages) services.Error.WriteLine(damage);
            services.Console.Line(damages.Count == 0
                ? IsForeign(directory)
                    ? $"{directory}: MadryLab/trak began it, which keeps no checksums; only what TrakFast added could be compared."
                    : $"{directory}: everything is what was written."
                : repairs
                    ? $"{directory}: {Things(damages)} damaged; what they held is marked as not done, and 'run --resume' does it again."
                    : $"{directory}: {Things(damages)} damaged; --repair marks what they held as not done, and 'run --resume' does it again.");
            return damages.Count == 0 ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }

    // A record that is gone is written again when the run goes on.
    private static IEnumerable<StoreDamage> ExampleDamage(string directory, bool repairs)
    {
        try
        {
            ExampleRecord.Read(directory);
            return [];
        }
        catch (TrakException)
        {
            string path = ExampleRecord.PathIn(directory);
            if (repairs) File.Delete(path);
            return [new StoreDamage(path, [], "is not what was written")];
        }
    }

    private static bool IsForeign(string directory)
    {
        using TrakStore store = TrakStore.Open(directory);
        return store.IsForeign;
    }

    private static int Arrays(string directory) =>
        Directory.Exists(directory) ? Directory.EnumerateFiles(directory, "*.sums", SearchOption.AllDirectories).Count() : 0;

    private static string Things(IReadOnlyList<StoreDamage> damages)
    {
        int files = damages.Select(static d => d.Path).Distinct().Count();
        return files == 1 ? "1 file is" : $"{files} files are";
    }
}
