using System.CommandLine;
using TrakFast.Cli.Arguments;
using TrakFast.Cli.Consoles;
using TrakFast.Cli.Parsing;
using TrakFast.Cli.Runs;

namespace TrakFast.Cli.Commands;

/// <summary><c>trakfast run</c>: from a model, its checkpoints and two sets of examples to scores.</summary>
internal static class RunCommand
{
    /// <summary>The command, ready to be added to the root.</summary>
    public static Command Create(ToolServices services)
    {
        Option<string> model = RunOptions.Required<string>("--model", "FILE", "The model, an ONNX file, exported in evaluation mode.");
        Option<IReadOnlyList<CheckpointFile>> checkpoints = RunOptions.Checkpoints();
        Option<string?> parameters = RunOptions.Parameters();
        Option<ExampleFiles> train = RunOptions.Examples(
            "--train",
            "Training examples: a folder of pictures, a .csv, .jsonl, .parquet, .txt, IDX or CIFAR file; or an NPY file for each input of the model, by its name there, and each array of the task, such as label.",
            required: true);
        Option<ExampleFiles> target = RunOptions.Examples("--target", "Targets, the examples to explain: the same.", required: true);
        Option<string> experiment = RunOptions.Experiment();
        Option<int> batchSize = RunOptions.AtLeastOne("--batch-size", "Examples that run at once.", 32);
        Option<int> threads = RunOptions.AtLeastOne("--threads", "Threads to use.", Environment.ProcessorCount);
        Option<bool> resume = new("--resume") { Description = "Go on with the run that the save directory holds." };
        CheckpointOptionSet reading = new(checkpoints);
        TaskOptionSet task = new();
        TrakOptionSet options = new();
        DataOptionSet data = new();
        EngineOptionSet engine = new(services.Torch);

        Command command = new("run", "Attribute a model's behavior on the targets to its training examples.")
        {
            model, checkpoints, parameters, train, target, experiment, batchSize, threads, resume,
        };
        reading.AddTo(command);
        task.AddTo(command);
        data.AddTo(command);
        options.AddTo(command);
        engine.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            RunPlan plan = new()
            {
                Task = task.Read(parsed),
                Model = parsed.GetRequiredValue(model),
                Checkpoints = parsed.GetRequiredValue(checkpoints),
                Parameters = parsed.GetValue(parameters),
                Reading = reading.Read(parsed),
                Train = parsed.GetRequiredValue(train),
                Target = parsed.GetRequiredValue(target),
                Data = data.Read(parsed),
                Experiment = parsed.GetRequiredValue(experiment),
                Options = options.Read(parsed) with { MixEngines = engine.MayMix(parsed) },
                BatchSize = parsed.GetValue(batchSize),
                Threads = parsed.GetValue(threads),
                Engine = engine.Read(parsed),
                Resume = parsed.GetValue(resume),
            };
            await new AttributionRun(plan, services.Console).ExecuteAsync(cancellationToken).ConfigureAwait(false);
            return ExitCode.Done;
        });
        return command;
    }
}
