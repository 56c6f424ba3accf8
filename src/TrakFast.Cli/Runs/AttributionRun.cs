using TrakFast.Cli.Consoles;
using TrakFast.Cli.Data;
using TrakFast.Cli.Engines;
using TrakFast.Cli.Formatting;
using TrakFast.Datasets;
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
        OnnxGraph file = OnnxFile.Read(_plan.Model);
        IReadOnlyList<(int ModelId, Func<Checkpoint> Load)> checkpoints = new CheckpointSource(_plan, file, _console).List();
        ParameterSearch parameters = ParameterSearch.Of(file, _plan.Parameters, checkpoints);
        using OpenEngine engine = _plan.Engine.Open(parameters.Graph, _plan.Threads);
        IModel model = engine.Model;
        using ExampleSets sets = await ExampleSets.OpenAsync(
            _plan.Train, _plan.Target, _plan.Data, file, _plan.Task.Name, _plan.Threads, _console, cancellationToken).ConfigureAwait(false);
        (ExampleSet train, ExampleSet target) = (sets.Train, sets.Target);
        ModelOutput task = _plan.Task.Create(train, _plan.Options.Seed, _plan.BatchSize);
        CheckNames(model, train, "--train");
        CheckNames(model, target, "--target");
        task.Prepare(model);
        await PreflightAsync(model, task, train, "--train", isTraining: true, cancellationToken).ConfigureAwait(false);
        await PreflightAsync(model, task, target, "--target", isTraining: false, cancellationToken).ConfigureAwait(false);
        if (_plan.Task.Warning(train.Count, _plan.BatchSize) is { } warning) _console.Line(warning);
        foreach (string line in parameters.Lines) _console.Line(line);
        model.Load(checkpoints[0].Load());
        if (GradientShares.Warning(model, task, train, _plan.Options.GradientOf, engine.Backend) is { } share) _console.Line(share);

        string trainSetId = train.Hash(), targetSetId = target.Hash();
        try
        {
            using Traker traker = new(model, task, train.Count, _plan.Options with { TrainSetId = trainSetId }, engine.Backend);
            await AttributeAsync(traker, engine, checkpoints, (train, trainSetId), (target, targetSetId), cancellationToken)
                .ConfigureAwait(false);
            Remember(sets);
        }
        catch (OperationCanceledException stopped) when (cancellationToken.IsCancellationRequested)
        {
            throw new StoppedException($"Stopped; what was done is kept in {_plan.Options.SaveDirectory}, and --resume goes on with it.", stopped);
        }
    }

    // Reports and tables show the originals without being told again where they are.
    private void Remember(ExampleSets sets)
    {
        ExampleRecord record = ExampleRecord.Read(_plan.Options.SaveDirectory);
        record.Targets[_plan.Experiment] = sets.KeptTarget;
        (record with { Train = sets.KeptTrain }).Write(_plan.Options.SaveDirectory);
    }

    private async Task AttributeAsync(
        Traker traker, OpenEngine engine, IReadOnlyList<(int ModelId, Func<Checkpoint> Load)> checkpoints,
        (ExampleSet Set, string Id) train, (ExampleSet Set, string Id) target, CancellationToken cancellationToken)
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

    private void RefuseUnaskedResume()
    {
        if (!_plan.Resume && File.Exists(Path.Combine(_plan.Options.SaveDirectory, "trakfast.json")))
            throw new TrakException(
                $"{_plan.Options.SaveDirectory} already holds a run; add --resume to go on with it, or choose another --save-dir.");
    }

    private static void CheckNames(IModel model, ExampleSet examples, string option)
    {
        string[] missing = [.. model.Inputs.Where(input => !examples.Names.Contains(input))];
        if (missing.Length > 0)
            throw new TrakException(
                $"{option} lacks {string.Join(", ", missing.Select(static m => $"'{m}'"))}, "
                + $"which the model reads; it has {string.Join(", ", examples.Names)}.");
    }

    /// <summary>Reads what is cheap to read in full, and runs one example of the set through the model and the task.</summary>
    private async Task PreflightAsync(
        IModel model, ModelOutput task, ExampleSet examples, string option, bool isTraining, CancellationToken cancellationToken)
    {
        try
        {
            if (examples is SourceDataset)
                await _console.RunAsync($"Reading {option}", examples.Count, "examples", progress => Task.Run(
                    () => examples.Check(progress, cancellationToken), cancellationToken)).ConfigureAwait(false);
            else examples.Check(null, cancellationToken);
        }
        catch (TrakException exception) when (examples is SourceDataset)
        {
            throw new TrakException($"{option}: {exception.Message.TrimEnd('.')}; --skip-bad leaves such examples out.", exception);
        }

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
        string title, string phase, ExampleSet examples, Traker traker,
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
