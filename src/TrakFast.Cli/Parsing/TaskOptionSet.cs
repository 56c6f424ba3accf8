using System.CommandLine;
using System.CommandLine.Parsing;
using TrakFast.Cli.Arguments;
using TrakFast.Cli.Runs;

namespace TrakFast.Cli.Parsing;

/// <summary>The options that choose a task and say how it is meant. One that does not concern the task is refused.</summary>
internal sealed class TaskOptionSet
{
    private const string Clip = "clip";
    private readonly Option<string> _task = RunOptions.Required<string>(
        "--task", "NAME", $"What is explained about an example, its model output function: {string.Join(", ", Tasks.Names)}.");
    private readonly Option<float?> _temperature = NumberOption.Optional<float>(
        "--temperature", "N", "Divides the logits in Q, how strongly the loss still pulls at a training example [default: 1].",
        "a finite number above 0", static value => float.IsFinite(value) && value > 0);
    private readonly Option<IReadOnlyList<long>> _contrast = RunOptions.Listed(
        "--contrast", "I,J,…", "clip: the training examples to contrast with, by index; 10-20 for a range.",
        IndexList.Parse, required: false);
    private readonly Option<int?> _contrastSize = NumberOption.Optional<int>(
        "--contrast-size",
        "N",
        $"clip: how many training examples to draw to contrast with, by --seed [default: {ContrastSet.DefaultSize}, or all].",
        "a whole number of 2 or more",
        static value => value >= 2);
    private readonly Option<string> _clipQ = WordOption.Of(
        "--clip-q", "clip: take Q over the contrast set, or over the batch as MadryLab/trak does.", "contrast", "contrast", "batch");

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { _task, _temperature, _contrast, _contrastSize, _clipQ }) command.Add(option);
        command.Validators.Add(Validate);
    }

    /// <summary>What was given.</summary>
    public TaskPlan Read(ParseResult parsed) => new()
    {
        Name = parsed.GetRequiredValue(_task),
        Temperature = parsed.GetValue(_temperature),
        Contrast = parsed.GetValue(_contrast) ?? [],
        ContrastSize = parsed.GetValue(_contrastSize),
        QOverBatch = parsed.GetValue(_clipQ) == "batch",
    };

    private void Validate(CommandResult result)
    {
        if (result.GetResult(_task) is not { Tokens: [{ Value: string task }] } || !Tasks.Names.Contains(task)) return;
        Option? stray = new Option[] { _contrast, _contrastSize, _clipQ }.FirstOrDefault(option => task != Clip && IsGiven(option));
        if (stray is not null) result.AddError($"{stray.Name} is for the task {Clip}; the task is {task}.");
        if (task == "regression" && IsGiven(_temperature))
            result.AddError("--temperature divides logits, and the task regression has none.");
        if (IsGiven(_contrast) && IsGiven(_contrastSize)) result.AddError("--contrast and --contrast-size exclude each other; give one.");

        bool IsGiven(Option option) => result.GetResult(option) is { Implicit: false };
    }
}
