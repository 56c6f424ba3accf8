using System.CommandLine;
using System.CommandLine.Parsing;
using TrakFast.Cli.Consoles;
using TrakFast.Cli.Evaluations;
using TrakFast.Cli.Formatting;
using TrakFast.Cli.Parsing;
using TrakFast.Cli.Runs;
using TrakFast.Evaluation;
using TrakFast.Kernels;

namespace TrakFast.Cli.Commands;

/// <summary>
/// <c>trakfast eval</c>: do the scores tell the truth? The linear datamodeling score of TRAK and its baselines against
/// models retrained on subsets, here or elsewhere.
/// </summary>
internal static class EvalCommand
{
    /// <summary>The command, ready to be added to the root.</summary>
    public static Command Create(ToolServices services)
    {
        Option<string> saveDirectory = RunOptions.SaveDirectory();
        Option<string> experiment = RunOptions.Experiment();
        Option<string?> subsets = File("--subsets", "Subsets trained on elsewhere: NPY bool [S, n].");
        Option<string?> margins = File(
            "--margins", "Margins f of the models trained on them: NPY [S, m], or [R, S, m] for R trainings on each.");
        Option<string?> mislabeled = File(
            "--mislabeled", "Which training labels are known to be wrong: NPY bool [n]. Adds the detection table.");
        Option<string?> output = File(
            "--output", "Directory for subsets.npy and margins.npy of a retraining, to be given again as --subsets and --margins.");
        Option<int> threads = RunOptions.AtLeastOne(
            "--threads", "Threads to use; one model a thread while retraining.", Environment.ProcessorCount);
        RetrainingOptionSet retraining = new();
        Command command = new("eval", "Measure how well the scores predict what models trained on subsets do (LDS), beside baselines.")
        {
            saveDirectory, experiment, subsets, margins, mislabeled, output, threads,
        };
        retraining.AddTo(command);
        command.Validators.Add(result =>
        {
            bool elsewhere = Given(result, subsets) && Given(result, margins);
            if (Given(result, subsets) != Given(result, margins))
                result.AddError("--subsets and --margins belong together; give both, or neither to retrain here.");
            else if (!elsewhere && !retraining.IsGiven(result))
                result.AddError(
                    "Give --subsets and --margins of models trained elsewhere, or --model, --train and --target to retrain here.");
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using TrakStore store = TrakStore.Open(parsed.GetRequiredValue(saveDirectory));
            string name = parsed.GetRequiredValue(experiment);
            store.TargetCount(name);
            (Subsets sets, RetrainingMargins truth) = parsed.GetValue(subsets) is { } subsetFile
                ? (Subsets.Read(subsetFile), RetrainingMargins.From(NpyFile.Read(parsed.GetValue(margins)!)))
                : await retraining.Read(parsed, store, name).ExecuteAsync(parsed.GetValue(threads), services.Console, cancellationToken)
                    .ConfigureAwait(false);
            if (parsed.GetValue(output) is { } directory)
            {
                Directory.CreateDirectory(directory);
                sets.Write(Path.Combine(directory, "subsets.npy"));
                NpyFile.Write(Path.Combine(directory, "margins.npy"), truth.ToArray());
            }

            using CpuBackend backend = new(new Workers(parsed.GetValue(threads)));
            Lambda lambda = store.ProvenanceOf(name)?.Lambda
                ?? (store.ModelIds.Count > 0 ? store.FinalizationOf(store.ModelIds[0])?.Lambda : null) ?? new TrakOptions().Lambda;
            bool[]? wrong = parsed.GetValue(mislabeled) is { } flags ? Flags(flags, store.TrainSetSize) : null;
            EvaluationResult result = await Task.Run(
                () => EvaluationResult.Measure(store, backend, name, lambda, sets, truth, wrong, cancellationToken),
                cancellationToken).ConfigureAwait(false);
            if (store.ProvenanceOf(name) is not null)
            {
                foreach (string line in ProvenanceTable.Lines(store, name)) services.Console.Line(line);
            }

            services.Console.Table(result.ToTable());
            services.Console.Line(
                $"λ = {lambda}; {sets.Count} subsets, {truth.Repeats} training(s) of each, {NumberText.Of(truth.Targets)} targets.");
            if (result.Detections.Count > 0) services.Console.Table(result.ToMislabelTable());
            return ExitCode.Done;
        });
        return command;
    }

    private static Option<string?> File(string name, string description) => new(name) { Description = description, HelpName = "FILE" };

    private static bool Given(CommandResult result, Option option) => result.GetResult(option) is { Implicit: false };

    private static bool[] Flags(string path, long n)
    {
        DataArray array = NpyFile.Read(path);
        if (array.Length != n || array.Type.IsFloat())
            throw new TrakException($"{path} holds {array}, where truth values for {n} training examples are wanted.");
        return [.. array.ToLongs().Select(static flag => flag != 0)];
    }
}
