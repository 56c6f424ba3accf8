using TrakFast.Cli.Consoles;
using TrakFast.Cli.Evaluations;
using TrakFast.Cli.Examples;
using TrakFast.Cli.Formatting;
using TrakFast.Cli.Report;
using TrakFast.Cli.Report.Content;
using TrakFast.Cli.Runs;
using TrakFast.Evaluation;
using TrakFast.Kernels;
using TrakFast.Onnx;

namespace TrakFast.Cli.Quickstart;

/// <summary>
/// The whole story on real data: train checkpoints, attribute, retrain on half subsets to see whether the scores tell the
/// truth, and write it all down.
/// </summary>
internal sealed class QuickstartRun
{
    private const int Repeats = 2;
    private const int BatchSize = 50;
    private readonly int _subsetCount;
    private const string Experiment = "targets";
    private const string OneLast = "loss weighting, one run's last";
    private const string OneAlong = "loss weighting, one run's four";
    private readonly string _directory;
    private readonly int _threads;
    private readonly ToolConsole _console;
    private readonly PhaseClock _clock = new();
    private readonly TrakOptions _options;

    private static string WhichCheckpoints =>
        $"Checkpoints: the last of {DigitsCheckpoints.Runs} runs; one run's four are those after epochs "
        + $"{string.Join(", ", DigitsCheckpoints.EpochsAlong)} and {DigitsNetwork.Epochs}.";

    /// <summary>Prepares a quickstart.</summary>
    /// <param name="directory">Where everything it makes goes.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="subsetCount">Half subsets to retrain on.</param>
    /// <param name="console">Told what happens.</param>
    public QuickstartRun(string directory, int threads, int subsetCount, ToolConsole console)
    {
        (_directory, _threads, _subsetCount, _console) = (directory, threads, subsetCount, console);
        _options = new TrakOptions
        {
            SaveDirectory = Path.Combine(directory, "run"),
            Projection = ProjectionKind.Sjlt,
            ProjectionDimension = 512,
        };
    }

    /// <summary>Runs everything and prints the table.</summary>
    public async Task ExecuteAsync(CancellationToken cancellationToken)
    {
        Prepare();
        DigitsData data = DigitsData.Create(seed: 0);
        data.Write(_directory);
        OnnxGraph graph = DigitsNetwork.Build();
        OnnxFile.Write(graph, Path.Combine(_directory, "model.onnx"));
        Workers workers = new(_threads);
        using OnnxModel network = new(graph, new OnnxOptions { Workers = workers });
        using CpuBackend backend = new(workers);

        Checkpoint[] checkpoints = await TrainAsync(network, data, cancellationToken).ConfigureAwait(false);
        using Traker traker = new(
            network, Tasks.ImageClassification, DigitsData.TrainSize, _options with { TrainSetId = HashOf("train") }, backend);
        using Scores scores = await AttributeAsync(traker, checkpoints, cancellationToken).ConfigureAwait(false);
        (Subsets subsets, RetrainingMargins margins) = await RetrainAsync(network, data, cancellationToken).ConfigureAwait(false);
        EvaluationResult result = await _clock.MeasureAsync("evaluate", 0, () => Task.Run(
            () => Evaluate(traker.Store, backend, data, subsets, margins, cancellationToken), cancellationToken)).ConfigureAwait(false);

        network.Load(checkpoints[0]);
        string report = Path.Combine(_directory, "report.html");
        ReportModel content = Report(traker.Store, scores, data, network, result);
        await ReportFile.SaveAsync(content, report, cancellationToken).ConfigureAwait(false);
        _console.Table(result.ToTable());
        double lambda = traker.Store.FinalizationOf(0)!.Value.Absolute;
        _console.Line(
            $"λ used: {NumberText.Of(lambda)} ({_options.Lambda}); k = {traker.ProjectionDimension}, "
            + $"p = {NumberText.Of(traker.GradientDimension)}.");
        _console.Line(WhichCheckpoints);
        _console.Table(_clock.ToTable());
        _console.Line($"Report: {Path.GetFullPath(report)}");
    }

    /// <summary>Makes the directory, or clears what an earlier quickstart left there.</summary>
    private void Prepare()
    {
        if (Directory.Exists(_options.SaveDirectory))
        {
            if (!File.Exists(Path.Combine(_options.SaveDirectory, "trakfast.json")))
                throw new TrakException($"{_options.SaveDirectory} is there and is no earlier quickstart; choose another --output.");
            Directory.Delete(_options.SaveDirectory, recursive: true);
        }

        Directory.CreateDirectory(_directory);
    }

    private Task<Checkpoint[]> TrainAsync(OnnxModel network, DigitsData data, CancellationToken cancellationToken) =>
        _clock.MeasureAsync("train", 0, () => _console.RunAsync(
            $"Training {DigitsCheckpoints.Runs} networks",
            DigitsCheckpoints.Runs,
            "models",
            progress => Task.Run(
                () => DigitsCheckpoints.Train(network, data.Train, _directory, _threads, progress, cancellationToken), cancellationToken)));

    private async Task<Scores> AttributeAsync(Traker traker, Checkpoint[] checkpoints, CancellationToken cancellationToken)
    {
        using NpyDataset train = OpenSet("train");
        using NpyDataset targets = OpenSet("target");
        string targetSetId = HashOf("target");
        await EachAsync("featurize", "Featurizing", train, (id, batches, progress) =>
        {
            traker.LoadCheckpoint(checkpoints[id], id);
            return traker.FeaturizeAsync(batches, progress, cancellationToken);
        }).ConfigureAwait(false);
        await _clock.MeasureAsync("finalize", 0, () => traker.FinalizeFeaturesAsync(null, null, cancellationToken)).ConfigureAwait(false);
        await EachAsync("score", "Scoring", targets, (id, batches, progress) =>
        {
            traker.StartScoringCheckpoint(Experiment, checkpoints[id], id, targets.Count, targetSetId);
            return traker.ScoreAsync(batches, progress, cancellationToken);
        }).ConfigureAwait(false);
        return await _clock.MeasureAsync(
            "score", 0, () => traker.FinalizeScoresAsync(Experiment, DigitsCheckpoints.OfRuns, null, cancellationToken))
            .ConfigureAwait(false);

        // Goes through a set of examples under every checkpoint.
        Task EachAsync(
            string phase, string title, NpyDataset examples, Func<int, IAsyncEnumerable<Batch>, IProgress<TrakProgress>, Task> step)
        {
            long total = examples.Count * checkpoints.Length;
            return _clock.MeasureAsync(phase, total, () => _console.RunAsync(title, total, "examples", async progress =>
            {
                for (int id = 0; id < checkpoints.Length; id++)
                {
                    IProgress<TrakProgress> onward = Relay.Of(progress, id * examples.Count);
                    await step(id, examples.Batches(BatchSize, cancellationToken), onward).ConfigureAwait(false);
                }
            }));
        }
    }

    private async Task<(Subsets Subsets, RetrainingMargins Margins)> RetrainAsync(
        OnnxModel network, DigitsData data, CancellationToken cancellationToken)
    {
        Subsets subsets = SubsetSampler.Sample(DigitsData.TrainSize, _subsetCount, seed: 1);
        RetrainingMargins margins = await _clock.MeasureAsync("retrain", 0, () => _console.RunAsync(
            $"Retraining on {_subsetCount} half subsets, {Repeats} times each",
            _subsetCount * Repeats,
            "models",
            progress => Task.Run(
                () => RetrainingStudy.Run(
                    subsets,
                    Repeats,
                    DigitsData.TargetCount,
                    (task, token) =>
                    {
                        using OnnxModel model = DigitsNetwork.Train(network, data.Train, task.Members(), task.Seed, token);
                        return DigitsNetwork.Evaluate(model, data.Targets).Outputs;
                    },
                    seed: 2,
                    _threads,
                    Relay.OfRetraining(progress),
                    cancellationToken),
                cancellationToken))).ConfigureAwait(false);
        subsets.Write(Path.Combine(_directory, "subsets.npy"));
        NpyFile.Write(Path.Combine(_directory, "margins.npy"), margins.ToArray());
        return (subsets, margins);
    }

    /// <summary>LDS of every method over the runs' last checkpoints, and what one run's checkpoints are worth.</summary>
    private EvaluationResult Evaluate(
        TrakStore store, CpuBackend backend, DigitsData data, Subsets subsets, RetrainingMargins margins,
        CancellationToken cancellationToken)
    {
        MethodComparison comparison = new(store, backend, Experiment, subsets, margins);
        EvaluationResult result = EvaluationResult.Measure(
            store, backend, Experiment, _options.Lambda, subsets, margins, data.IsWrong, cancellationToken);
        return result.With([Row(OneLast, [0]), Row(OneAlong, DigitsCheckpoints.AlongRun)]);

        MethodLds Row(string name, IReadOnlyList<int> modelIds) =>
            new(name, comparison.Trak(_options.Lambda, Weighting.Loss, modelIds, cancellationToken), IsOwn: true);
    }

    private ReportModel Report(
        TrakStore store, Scores scores, DigitsData data, OnnxModel network, EvaluationResult result)
    {
        using NpyDataset train = OpenSet("train");
        using NpyDataset targets = OpenSet("target");
        (float[] outputs, long[] predictions) = DigitsNetwork.Evaluate(network, data.Targets);
        bool[] wrong = data.IsWrong;
        ReportBuilder builder = new(scores, new ArrayExampleReader(train, targets, new ExampleOptions { Label = "label" }))
        {
            TrueLabel = i => wrong[i] ? data.TrueLabels[i] : null,
            Prediction = j => predictions[j],
        };

        // The targets the model was least sure of are the ones people ask about.
        IEnumerable<long> shown = Enumerable.Range(0, outputs.Length).OrderBy(j => outputs[j]).Take(6).Select(static j => (long)j);
        RunFacts facts = ReportBuilder.Facts(
            store, scores, "a CNN of three convolutions on the UCI digits", ProvenanceTable.Of(store, Experiment));
        return builder.Build("Which digits taught the model?", facts, shown, 8) with
        {
            Subtitle = $"{DigitsData.TrainSize:N0} training pictures, {DigitsData.WrongLabels} of them with a wrong label; "
                + $"the {shown.Count()} targets the model was least sure of.",
            Lds = result.ToLdsReport(
                $"Spearman correlation of summed scores with the margins of models retrained on {_subsetCount} random halves, "
                + $"{Repeats} times each; mean over {DigitsData.TargetCount} targets, with a 95 % bootstrap interval over targets. "
                + WhichCheckpoints),
            Mislabel = result.ToMislabelReport(),
            Phases = [.. _clock.Phases.Select(static p => new PhaseTiming(p.Name, p.Seconds, p.Examples == 0 ? null : p.Examples))],
        };
    }

    private string HashOf(string set)
    {
        using NpyDataset examples = OpenSet(set);
        return examples.Hash();
    }

    private NpyDataset OpenSet(string set) =>
        NpyDataset.Open([("image", Path.Combine(_directory, $"{set}.image.npy")), ("label", Path.Combine(_directory, $"{set}.label.npy"))]);
}
