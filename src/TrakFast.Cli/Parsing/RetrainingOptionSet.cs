using System.CommandLine;
using System.CommandLine.Parsing;
using TrakFast.Cli.Arguments;
using TrakFast.Cli.Evaluations;
using TrakFast.Onnx;

namespace TrakFast.Cli.Parsing;

/// <summary>The options by which a network is retrained on subsets.</summary>
internal sealed class RetrainingOptionSet
{
    private static readonly TrainingOptions Defaults = new();
    private readonly Option<string?> _model = new("--model")
    {
        Description = "Retrain here: the network, an ONNX file. Its weights are drawn anew for every training.",
        HelpName = "FILE"
    };
    private readonly Option<ExampleFiles> _train = RunOptions.Examples(
        "--train", "Retrain here: the training examples, as run had them.");
    private readonly Option<ExampleFiles> _target = RunOptions.Examples(
        "--target", "Retrain here: the targets, as run had them.");
    private readonly DataOptionSet _data = new();
    private readonly Option<int> _subsets = RunOptions.AtLeastOne("--subset-count", "Random half subsets to train on.", 64);
    private readonly Option<int> _repeats = RunOptions.AtLeastOne("--repeats", "Trainings on each subset.", 2);
    private readonly Option<int> _epochs = RunOptions.AtLeastOne("--epochs", "Passes over a subset.", Defaults.Epochs);
    private readonly Option<int> _batchSize = RunOptions.AtLeastOne(
        "--train-batch-size", "Examples of a training step.", Defaults.BatchSize);
    private readonly Option<float> _rate = new("--learning-rate")
    {
        Description = "Learning rate at the start; it falls along half a cosine.",
        HelpName = "N",
        DefaultValueFactory = static _ => Defaults.LearningRate
    };
    private readonly Option<float> _momentum = new("--momentum")
    {
        Description = "Momentum of the gradient descent.",
        HelpName = "N",
        DefaultValueFactory = static _ => Defaults.Momentum
    };
    private readonly Option<float> _decay = new("--weight-decay")
    {
        Description = "Weight decay of the gradient descent.",
        HelpName = "N",
        DefaultValueFactory = static _ => Defaults.WeightDecay
    };
    private readonly Option<ulong> _seed = new("--seed")
    {
        Description = "Seed of subsets, weights and orders.",
        HelpName = "N",
        DefaultValueFactory = static _ => 0
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option
            in new Option[] { _model, _train, _target, _subsets, _repeats, _epochs, _batchSize, _rate, _momentum, _decay, _seed })
            command.Add(option);
        _data.AddTo(command);
    }

    /// <summary>Whether a retraining was asked for, in full.</summary>
    public bool IsGiven(CommandResult result) =>
        new Option[] { _model, _train, _target }.All(option => result.GetResult(option) is { Implicit: false });

    /// <summary>What was given, with defaults for the rest.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="store">The store, whose task is the one to measure.</param>
    /// <param name="experiment">The set of targets.</param>
    public RetrainingPlan Read(ParseResult parsed, TrakStore store, string experiment) => new()
    {
        // The settings of a task that can be retrained for enter Q alone, not the margins.
        Task = store.TaskName,
        Model = parsed.GetValue(_model)!,
        Train = parsed.GetRequiredValue(_train),
        Target = parsed.GetRequiredValue(_target),
        Data = _data.Read(parsed),
        Subsets = parsed.GetValue(_subsets),
        Repeats = parsed.GetValue(_repeats),
        Seed = parsed.GetValue(_seed),
        Scored = store.ProvenanceOf(experiment),
        Training = new TrainingOptions
        {
            Epochs = parsed.GetValue(_epochs),
            BatchSize = parsed.GetValue(_batchSize),
            LearningRate = parsed.GetValue(_rate),
            Momentum = parsed.GetValue(_momentum),
            WeightDecay = parsed.GetValue(_decay),
        },
    };
}
