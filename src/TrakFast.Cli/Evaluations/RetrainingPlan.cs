using TrakFast.Cli.Arguments;
using TrakFast.Cli.Consoles;
using TrakFast.Cli.Data;
using TrakFast.Cli.Examples;
using TrakFast.Cli.Runs;
using TrakFast.Evaluation;
using TrakFast.Kernels;
using TrakFast.Onnx;

namespace TrakFast.Cli.Evaluations;

/// <summary>How <c>trakfast eval</c> retrains a user's own network on random subsets.</summary>
internal sealed record RetrainingPlan
{
    public required string Task { get; init; }

    public required string Model { get; init; }

    public required ExampleFiles Train { get; init; }

    public required ExampleFiles Target { get; init; }

    /// <summary>How rows become examples.</summary>
    public DataChoice Data { get; init; } = new();

    public int Subsets { get; init; } = 64;

    public int Repeats { get; init; } = 2;

    public ulong Seed { get; init; }

    public required TrainingOptions Training { get; init; }

    /// <summary>What made the scores that are measured, or null while there are none.</summary>
    public ScoresProvenance? Scored { get; init; }

    /// <summary>Trains S × R networks, one a thread, from weights drawn anew each time.</summary>
    /// <returns>The subsets and the margins f of the targets, [R, S, m].</returns>
    public async Task<(Subsets Subsets, RetrainingMargins Margins)> ExecuteAsync(
        int threads, ToolConsole console, CancellationToken cancellationToken)
    {
        if (Task == "clip")
        {
            throw new TrakException(
                "Models cannot be retrained here for clip, whose loss contrasts the examples of a batch with each other; "
                + "train them elsewhere, and give --subsets and --margins.");
        }

        ModelOutput task = Tasks.ByName(Task);
        using OnnxModel network = OnnxModel.Load(Model, new OnnxOptions { Workers = Workers.Single });
        using ExampleSets sets = await ExampleSets.OpenAsync(
            Train, Target, Data, network.Graph, Task, threads, console, cancellationToken).ConfigureAwait(false);
        (ExampleSet trainSet, ExampleSet targetSet) = (sets.Train, sets.Target);
        if (Scored is not null) ScoredSets.CheckSame(Scored, trainSet, targetSet);
        Batch train = trainSet.Read(0, trainSet.Count);
        Batch targets = targetSet.Read(0, targetSet.Count);
        Subsets subsets = SubsetSampler.Sample(trainSet.Count, Subsets, seed: Seed);
        RetrainingMargins margins = await console.RunAsync(
            $"Retraining on {Subsets} half subsets, {Repeats} times each",
            Subsets * Repeats,
            "models",
            progress => System.Threading.Tasks.Task.Run(
                () => RetrainingStudy.Run(
                    subsets, Repeats, targets.Size, (one, token) => Margins(network, task, train, targets, one, token),
                    Seed, threads, Relay.OfRetraining(progress), cancellationToken),
                cancellationToken)).ConfigureAwait(false);
        return (subsets, margins);
    }

    private float[] Margins(
        OnnxModel network, ModelOutput task, Batch train, Batch targets, RetrainingTask one, CancellationToken cancellationToken)
    {
        using OnnxModel model = network.Clone(new OnnxOptions { Workers = Workers.Single });
        WeightInitializer.Initialize(model, one.Seed);
        using SgdTrainer trainer = new(model, Training with { Seed = one.Seed }, task.GetLoss);
        trainer.Train(train, one.Members(), cancellationToken: cancellationToken);
        using ModelResult result = model.Forward(targets, ParameterSelection.None);
        return task.GetOutput(result, targets).ToArray();
    }
}
