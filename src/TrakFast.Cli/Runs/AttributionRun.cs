using TrakFast.Cli.Arguments;
using TrakFast.Cli.Consoles;
using TrakFast.Cli.Engines;
using TrakFast.Cli.Formatting;
using TrakFast.Kernels;
using TrakFast.Onnx;

namespace TrakFast.Cli.Runs;

/// <summary>
/// <c>trakfast run</c>: featurize every checkpoint, finalize, score every checkpoint, finalize the scores. Everything
/// that can be wrong with the input is looked for before the long work begins.
/// </summary>
internal sealed class AttributionRun
{
    private readonly RunPlan _plan;
    private readonly ToolConsole _console;
    private readonly PhaseClock _clock = new();

    public AttributionRun(RunPlan plan, ToolConsole console) => (_plan, _console) = (plan, console);

    /// <summary>Runs the plan to its end.</summary>
    public async Task ExecuteAsync(CancellationToken cancellationToken)
    {
        RefuseUnaskedResume();
        OnnxGraph graph = OnnxFile.Read(_plan.Model);
        using OpenEngine engine = _plan.Engine.Open(graph, _plan.Threads);
        IModel model = engine.Model;
        using NpyDataset train = NamedFile.Open(_plan.Train);
        using NpyDataset target = NamedFile.Open(_plan.Target);
        ModelOutput task = _plan.Task.Create(train, _plan.Options.Seed, _plan.BatchSize);
        IReadOnlyList<(int ModelId, Func<Checkpoint> Load)> checkpoints =
            new CheckpointSource(_plan, graph, _console).List();
        CheckNames(model, train, "--train");
        CheckNames(model, target, "--target");
        task.Prepare(model);
        Preflight(model, task, train, "--train", isTraining: true);
        Preflight(model, task, target, "--target", isTraining: false);
        if (_plan.Task.Warning(train.Count, _plan.BatchSize) is { } warning) _console.Line(warning);
        WarnOfTwins(model, checkpoints);

        string trainSetId = train.Hash(), targetSetId = target.Hash();
        try
        {
            using Traker traker = new(model, task, train.Count, _plan.Options with { TrainSetId = trainSetId }, engine.Backend);
            await AttributeAsync(traker, engine, checkpoints, (train, trainSetId), (target, targetSetId), cancellationToken)
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException stopped) when (cancellationToken.IsCancellationRequested)
        {
            throw new StoppedException($"Stopped; what was done is kept in {_plan.Options.SaveDirectory}, and --resume goes on with it.", stopped);
        }
    }

    private async Task AttributeAsync(
        Traker traker, OpenEngine engine, IReadOnlyList<(int ModelId, Func<Checkpoint> Load)> checkpoints,
        (NpyDataset Set, string Id) train, (NpyDataset Set, string Id) target, CancellationToken cancellationToken)
    {
        bool hasRead = false;
        foreach ((int modelId, Func<Checkpoint> load) in checkpoints)
        {
            traker.LoadCheckpoint(load(), modelId);
            hasRead |= await StepAsync(
                $"Featurizing model {modelId}", "featurize", train.Set, traker, traker.FeaturizeAsync, cancellationToken)
                .ConfigureAwait(false);
        }

        if (hasRead) train.Set.RequireUnchanged(train.Id);
        int[] modelIds = [.. checkpoints.Select(static c => c.ModelId)], open = [.. modelIds.Where(id => !traker.IsFinalized(id))];
        if (open.Length == 0) AlreadyDone("finalize");
        else
            await _clock.MeasureAsync("finalize", 0, () => traker.FinalizeFeaturesAsync(open, null, cancellationToken))
                .ConfigureAwait(false);
        hasRead = false;
        foreach ((int modelId, Func<Checkpoint> load) in checkpoints)
        {
            traker.StartScoringCheckpoint(_plan.Experiment, load(), modelId, target.Set.Count, target.Id);
            hasRead |= await StepAsync(
                $"Scoring model {modelId}", "score", target.Set, traker, traker.ScoreAsync, cancellationToken).ConfigureAwait(false);
        }

        if (hasRead) target.Set.RequireUnchanged(target.Id);
        if (traker.HasScores(_plan.Experiment, modelIds)) AlreadyDone("score matrix");
        else
            (await _clock.MeasureAsync(
                "score matrix", 0, () => traker.FinalizeScoresAsync(_plan.Experiment, modelIds, null, cancellationToken))
                .ConfigureAwait(false)).Dispose();
        Summarize(traker, engine, target.Set.Count);
    }

    private void AlreadyDone(string phase) => _clock.Skip(phase);

    // The mean over a checkpoint and itself is that checkpoint's.
    private void WarnOfTwins(IModel model, IReadOnlyList<(int ModelId, Func<Checkpoint> Load)> checkpoints)
    {
        Dictionary<string, int> known = new(StringComparer.Ordinal);
        foreach ((int modelId, Func<Checkpoint> load) in checkpoints)
        {
            model.Load(load());
            if (!known.TryAdd(model.WeightHash, modelId))
                _console.Line(
                    $"Warning: models {known[model.WeightHash]} and {modelId} have the same weights, so their mean counts one checkpoint twice.");
        }
    }

    private void RefuseUnaskedResume()
    {
        if (!_plan.Resume && File.Exists(Path.Combine(_plan.Options.SaveDirectory, "trakfast.json")))
            throw new TrakException(
                $"{_plan.Options.SaveDirectory} already holds a run; add --resume to go on with it, or choose another --save-dir.");
    }

    private static void CheckNames(IModel model, NpyDataset examples, string option)
    {
        string[] missing = [.. model.Inputs.Where(input => !examples.Names.Contains(input))];
        if (missing.Length > 0)
            throw new TrakException(
                $"{option} lacks {string.Join(", ", missing.Select(static m => $"'{m}'"))}, "
                + $"which the model reads; it has {string.Join(", ", examples.Names)}.");
    }

    /// <summary>Reads what is cheap to read in full, and runs one example of the set through the model and the task.</summary>
    private static void Preflight(IModel model, ModelOutput task, NpyDataset examples, string option, bool isTraining)
    {
        examples.CheckFinite();
        try
        {
            Batch first = examples.Read(0, 1);
            using ModelResult probe = model.Forward(first, ParameterSelection.None);
            string[] looked = [.. examples.Names.Where(name => !model.Inputs.Contains(name) || !first[name].Type.IsFloat())];
            foreach ((long start, Batch arrays) in examples.Blocks(looked)) task.Check(probe, arrays, start);
            task.GetOutput(probe, first);
            if (isTraining) task.GetOutToLossGradient(probe, first);
        }
        catch (TrakException exception)
        {
            throw new TrakException($"{option}: {exception.Message}", exception);
        }
    }

    /// <summary>Goes through a set of examples; whether any was still to be done.</summary>
    private async Task<bool> StepAsync(
        string title, string phase, NpyDataset examples, Traker traker,
        Func<IAsyncEnumerable<Batch>, IProgress<TrakProgress>?, CancellationToken, Task> step, CancellationToken cancellationToken)
    {
        long remaining = examples.Count - traker.DoneCount;
        if (remaining == 0)
        {
            AlreadyDone(phase);
            return false;
        }

        long zerosBefore = traker.ZeroGradientCount;
        await _clock.MeasureAsync(phase, remaining, () => _console.RunAsync(
            title,
            examples.Count,
            "examples",
            progress => step(examples.Batches(_plan.BatchSize, cancellationToken), Relay.Of(progress), cancellationToken)))
            .ConfigureAwait(false);
        long zeros = traker.ZeroGradientCount - zerosBefore;
        if (zeros > 0)
            _console.Line(
                $"Warning: {NumberText.Of(zeros)} of {NumberText.Of(remaining)} examples have gradients that are all zero ({title.ToLowerInvariant()}); "
                + "dead units make them, and models that are entirely sure. Nothing is attributed to them or for them.");
        return true;
    }

    private void Summarize(Traker traker, OpenEngine engine, long targets)
    {
        ToolTable facts = new("Run", "Value");
        facts.Add("Task", traker.Store.TaskName);
        foreach ((string name, string value) in traker.Store.TaskSettings) facts.Add($"Task's {name}", NumberText.Brief(value));
        facts.Add("Engine", engine.Description);
        facts.Add("Training examples n", NumberText.Of(traker.TrainSetSize));
        facts.Add("Targets m", NumberText.Of(targets));
        facts.Add("Gradient dimension p", NumberText.Of(traker.GradientDimension));
        facts.Add("Projection", $"{TrakWords.Projections.Word(traker.Store.Projection)}, k = {NumberText.Of(traker.ProjectionDimension)}");
        foreach (int modelId in traker.Store.ModelIds)
        {
            if (traker.Store.FinalizationOf(modelId) is not { } finalization) continue;
            facts.Add($"λ of model {modelId}", $"{NumberText.Of(finalization.Absolute)} ({finalization.Lambda})");
            (string name, double mean) = MeanQ(traker.Store.ReadOutToLoss(modelId));
            facts.Add($"{name} of model {modelId}", NumberText.Of(mean));
        }

        _console.Table(facts);
        _console.Table(_clock.ToTable());
        _console.Line($"Scores: {Path.Combine(traker.Store.SaveDirectory, "scores", $"{_plan.Experiment}.mmap")}");
    }

    // A checkpoint whose mean Q is small has little left to say. Where Q has a sign, as a residual has, its size is what counts.
    private static (string Name, double Mean) MeanQ(float[] outToLoss) =>
        (Array.Exists(outToLoss, static q => q < 0) ? "Mean |Q|" : "Mean Q", outToLoss.Average(static q => (double)Math.Abs(q)));
}
