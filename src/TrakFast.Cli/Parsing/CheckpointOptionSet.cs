using System.CommandLine;
using TrakFast.Cli.Arguments;
using TrakFast.Cli.Runs;

namespace TrakFast.Cli.Parsing;

/// <summary>The options that say how checkpoints are read.</summary>
/// <param name="checkpoints">The option that names them.</param>
internal sealed class CheckpointOptionSet(Option<IReadOnlyList<CheckpointFile>> checkpoints)
{
    private readonly Option<string?> _weightsKey = new("--weights-key")
    {
        Description = "Where in a checkpoint the weights are, such as ema.state_dict [default: looked for; averaged ones only if asked for].",
        HelpName = "KEY",
    };

    private readonly Option<bool> _partial = new("--partial")
    {
        Description = "Keep the model's own weights for what a checkpoint does not hold, as a head or an adapter alone.",
    };

    private readonly Option<string?> _mergeAdapter = new("--merge-adapter")
    {
        Description = "Merge a LoRA adapter of PEFT into every checkpoint: its folder, or its file beside adapter_config.json.",
        HelpName = "DIR",
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_weightsKey);
        command.Add(_partial);
        command.Add(_mergeAdapter);
        command.Validators.Add(result =>
        {
            foreach (Option option in new Option[] { _weightsKey, _partial })
            {
                if (result.GetResult(option) is { Implicit: false } && result.GetResult(checkpoints) is not { Implicit: false })
                    result.AddError($"{option.Name} is about checkpoints, and no --checkpoint is given.");
            }
        });
    }

    /// <summary>What was given.</summary>
    public CheckpointChoice Read(ParseResult parsed) => new()
    {
        WeightsKey = parsed.GetValue(_weightsKey),
        IsPartial = parsed.GetValue(_partial),
        MergeAdapter = parsed.GetValue(_mergeAdapter),
    };
}
