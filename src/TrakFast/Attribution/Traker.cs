using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using TrakFast.Kernels;

namespace TrakFast;

/// <summary>
/// TRAK from a model to scores: for each checkpoint load, featurize the training set and finalize; for each experiment
/// score the targets under each checkpoint and finalize the scores. What is done is kept in the save directory, so a
/// run that stopped goes on where it was. One step at a time: a second one that is begun meanwhile is refused.
/// </summary>
public sealed class Traker : IDisposable
{
    private readonly IModel _model;
    private readonly ModelOutput _task;
    private readonly TrakOptions _options;
    private readonly IKernelBackend _backend;
    private readonly bool _ownsBackend;
    private readonly ParameterSelection _selection;
    private readonly FeatureExtractor _extractor;
    private readonly FeatureWriter _writer;
    private readonly StepGuard _steps = new(nameof(Traker));
    private readonly ILogger _logger;
    private FeaturePass? _pass;

    /// <summary>Creates a Traker and opens its save directory, or makes it.</summary>
    /// <param name="model">An engine's hold on the model.</param>
    /// <param name="task">The model output function and its output-to-loss gradient.</param>
    /// <param name="trainSetSize">Train set size n.</param>
    /// <param name="options">Options; null for the defaults.</param>
    /// <param name="backend">Does the arithmetic where the engine's blocks lie; null for the CPU kernels on all processors.</param>
    /// <param name="logger">Told what happens; null for silence.</param>
    /// <exception cref="TrakException">An option is out of range, or the backend cannot reach the engine's memory.</exception>
    /// <exception cref="SaveDirectoryException">The directory holds another run, or somebody else writes to it.</exception>
    public Traker(
        IModel model, ModelOutput task, long trainSetSize, TrakOptions? options = null,
        IKernelBackend? backend = null, ILogger<Traker>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(task);
        (_model, _task, _options, _logger) = (model, task, options ?? new TrakOptions(), logger ?? (ILogger)NullLogger.Instance);
        _options.Validate();
        if (trainSetSize is < 1 or > int.MaxValue)
            throw new TrakException($"The train set size must lie between 1 and {int.MaxValue}; it is {trainSetSize}.");
        TrainSetSize = trainSetSize;
        _selection = ParameterSelection.Matching(model.Parameters, _options.GradientOf);
        _selection.RequireAny();
        _ownsBackend = backend is null;
        _backend = backend ?? new CpuBackend(Workers.PerProcessor());
        _extractor = new FeatureExtractor(model, task, _backend, _selection, _options.Scaling);
        _writer = new FeatureWriter(_extractor, task, _options);
        try
        {
            _backend.RequireReach(model);
            RunIdentity run = RunIdentities.Of(task, trainSetSize, _selection, _options);
            MemoryCheck.KernelMatrices(run.ProjectionDimension, _options.Scaling);
            string engine = $"{model.Engine} {TrakWords.Precisions.Word(model.PassPrecision)}";
            Store = TrakStore.OpenOrCreate(_options.SaveDirectory, run, engine, _options.MixEngines);
        }
        catch
        {
            _extractor.Dispose();
            if (_ownsBackend) _backend.Dispose();
            throw;
        }
    }

    /// <summary>Train set size n.</summary>
    public long TrainSetSize { get; }

    /// <summary>Gradient dimension p: elements of the selected parameters.</summary>
    public long GradientDimension => _selection.Length;

    /// <summary>Projection dimension k.</summary>
    public int ProjectionDimension => Store.ProjectionDimension;

    /// <summary>The save directory.</summary>
    public TrakStore Store { get; }

    /// <summary>
    /// Examples of the current step that are done: training examples, or targets while scoring. With a backend on a device the last batch
    /// is done when the next one is given or the step ends, and an example that is not finite is told of then.
    /// </summary>
    public long DoneCount => _pass?.Rows.DoneCount ?? 0;

    /// <summary>
    /// Examples that this Traker featurized so far, training examples and targets, whose gradients are all zero: nothing can be
    /// attributed to them, or for them. Dead units make them, and models that are entirely sure of an example.
    /// </summary>
    public long ZeroGradientCount => _writer.ZeroRows;

    /// <summary>Loads a checkpoint and starts featurizing the training set under it, or goes on where a run stopped.</summary>
    /// <param name="checkpoint">The weights.</param>
    /// <param name="modelId">The checkpoint's id; every id has its own projection matrix.</param>
    /// <exception cref="CheckpointException">The weights do not fit the model, or the id was used with other weights.</exception>
    public void LoadCheckpoint(Checkpoint checkpoint, int modelId)
    {
        using IDisposable step = BeginStep();
        UseWeights(checkpoint, modelId);
        Begin(new FeaturePass(Store.OpenTrainRows(modelId, _model.WeightHash), modelId, experiment: null));
    }

    /// <summary>Featurizes the next training examples in sequence. Those already done are skipped.</summary>
    /// <param name="batch">Examples, in the order of the training set, or with their <see cref="Batch.Indices"/>.</param>
    /// <exception cref="TrakException">No checkpoint is loaded.</exception>
    /// <exception cref="InputException">The training set is already full, or a number is not finite.</exception>
    public void Featurize(Batch batch) => AddNext(Training(), batch);

    /// <summary>Featurizes training examples by their index. Those already done are skipped.</summary>
    /// <param name="batch">Examples.</param>
    /// <param name="indices">Train index of each, [B]; each once.</param>
    /// <exception cref="TrakException">No checkpoint is loaded.</exception>
    /// <exception cref="InputException">A number is not finite, or an index is out of range or given twice.</exception>
    public void Featurize(Batch batch, IReadOnlyList<long> indices) => Add(Training(), batch, indices);

    /// <summary>
    /// Featurizes the training set from example 0 on. What is done is skipped. The next batch is read while one computes.
    /// </summary>
    /// <param name="batches">
    /// Batches in the order of the training set. The memory of one must stay as it is until the one after the next is asked for.
    /// </param>
    /// <param name="progress">Told after every batch.</param>
    /// <param name="cancellationToken">Stops between batches; what is done stays done.</param>
    /// <exception cref="TrakException">No checkpoint is loaded.</exception>
    /// <exception cref="InputException">There are more examples than the train set size, or a number is not finite.</exception>
    public Task FeaturizeAsync(
        IAsyncEnumerable<Batch> batches, IProgress<TrakProgress>? progress = null, CancellationToken cancellationToken = default) =>
        StreamAsync(Training(), batches, ExampleIndices.All, progress, cancellationToken);

    /// <summary>Featurizes some training examples. What is done is skipped. The next batch is read while one computes.</summary>
    /// <param name="batches">
    /// Batches that hold the named examples and no others. The memory of one must stay as it
    /// is until the one after the next is asked for.
    /// </param>
    /// <param name="examples">Which examples those are, in the stream's order: <c>100..200</c>, or an array of indices.</param>
    /// <param name="progress">Told after every batch.</param>
    /// <param name="cancellationToken">Stops between batches; what is done stays done.</param>
    /// <exception cref="TrakException">No checkpoint is loaded.</exception>
    /// <exception cref="InputException">
    /// The stream holds more or fewer examples than were named, an index is out of range or named twice, or a number is not finite.
    /// </exception>
    public Task FeaturizeAsync(
        IAsyncEnumerable<Batch> batches, ExampleIndices examples, IProgress<TrakProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        StreamAsync(Training(), batches, examples, progress, cancellationToken);

    /// <summary>Finalizes checkpoints: their kernel matrices are accumulated, regularized and factored.</summary>
    /// <param name="modelIds">Checkpoints; null for all in the store.</param>
    /// <param name="progress">Told the rows done.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    /// <exception cref="TrakException">There is no checkpoint yet, or examples are missing.</exception>
    /// <exception cref="SingularKernelException">A kernel matrix is not positive definite.</exception>
    public void FinalizeFeatures(
        IReadOnlyList<int>? modelIds = null, IProgress<TrakProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        using IDisposable step = BeginStep();
        if (Store.ModelIds.Count == 0)
            throw new TrakException("There is nothing to finalize: load a checkpoint and featurize the training set first.");
        foreach (int modelId in modelIds ?? Store.ModelIds)
        {
            Scorer().FinalizeFeatures(modelId, progress, cancellationToken);
            Log.Finalized(_logger, modelId, Store.FinalizationOf(modelId)!.Value.Absolute);
        }
    }

    /// <inheritdoc cref="FinalizeFeatures"/>
    public Task FinalizeFeaturesAsync(
        IReadOnlyList<int>? modelIds = null, IProgress<TrakProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Task.Run(() => FinalizeFeatures(modelIds, progress, cancellationToken), cancellationToken);

    /// <summary>
    /// Whether a checkpoint is finalized with this Traker's λ and weighting, so that doing it again would change nothing.
    /// </summary>
    /// <param name="modelId">The checkpoint's id.</param>
    public bool IsFinalized(int modelId) =>
        Store.TryGetModel(modelId, out ModelRecord? record) && record!.Finalized is not null && Store.HasWhole(Store.Paths.Factor(modelId))
        && Store.FinalizationOf(modelId) is { } was && was.Lambda == _options.Lambda && was.Weighting == _options.Weighting;

    /// <summary>Whether an experiment has final scores over these checkpoints with this Traker's λ and weighting.</summary>
    /// <param name="experiment">Name of the set of targets.</param>
    /// <param name="modelIds">The checkpoints.</param>
    public bool HasScores(string experiment, IReadOnlyList<int> modelIds)
    {
        ArgumentNullException.ThrowIfNull(modelIds);
        return Store.Experiments.Contains(experiment) && Store.ProvenanceOf(experiment) is { } made
            && made.ModelIds.SequenceEqual(modelIds) && made.Lambda == _options.Lambda && made.Weighting == _options.Weighting
            && Store.HasWhole(Store.Paths.Scores(experiment))
            && made.Weights.SequenceEqual(modelIds.Select(id => Store.Model(id).Weights)) && modelIds.All(IsFinalized);
    }

    /// <summary>Loads a checkpoint and starts scoring an experiment's targets under it, or goes on where a run stopped.</summary>
    /// <param name="experiment">Name of the set of targets: letters, digits, <c>-</c>, <c>_</c> and <c>.</c></param>
    /// <param name="checkpoint">The weights that the id was featurized with.</param>
    /// <param name="modelId">The checkpoint's id.</param>
    /// <param name="targetCount">Number of targets m.</param>
    /// <param name="targetSetId">
    /// What identifies the targets' data, such as <see cref="ExampleSet.Hash"/>; empty to compare only their number.
    /// </param>
    /// <exception cref="TrakException">The id is unknown or not finalized, or the experiment has other targets.</exception>
    /// <exception cref="CheckpointException">The weights differ from those that were featurized.</exception>
    public void StartScoringCheckpoint(string experiment, Checkpoint checkpoint, int modelId, long targetCount, string targetSetId = "")
    {
        using IDisposable step = BeginStep();
        if (!TrakStore.IsExperimentName(experiment))
            throw new TrakException($"'{experiment}' is not a name for an experiment: letters, digits, '-', '_' and '.' make one.");
        if (targetCount is < 1 or > int.MaxValue)
            throw new TrakException($"The number of targets must lie between 1 and {int.MaxValue}; it is {targetCount}.");
        if (Store.FinalizationOf(modelId) is null)
            throw new TrakException($"Model {modelId} is not finalized; call FinalizeFeatures before scoring.");
        UseWeights(checkpoint, modelId);
        Begin(new FeaturePass(Store.OpenTargetRows(experiment, modelId, targetCount, targetSetId), modelId, experiment));
    }

    /// <summary>Scores the next targets in sequence. Those already done are skipped.</summary>
    /// <param name="batch">Targets, in order.</param>
    /// <exception cref="TrakException">No scoring was started.</exception>
    /// <exception cref="InputException">The experiment is already full, or a number is not finite.</exception>
    public void Score(Batch batch) => AddNext(Scoring(), batch);

    /// <summary>Scores targets by their index. Those already done are skipped.</summary>
    /// <param name="batch">Targets.</param>
    /// <param name="indices">Index of each in the experiment, [B]; each once.</param>
    /// <exception cref="TrakException">No scoring was started.</exception>
    /// <exception cref="InputException">A number is not finite, or an index is out of range or given twice.</exception>
    public void Score(Batch batch, IReadOnlyList<long> indices) => Add(Scoring(), batch, indices);

    /// <summary>Scores a set of targets from target 0 on. What is done is skipped. The next batch is read while one computes.</summary>
    /// <param name="batches">Batches in order. The memory of one must stay as it is until the one after the next is asked for.</param>
    /// <param name="progress">Told after every batch.</param>
    /// <param name="cancellationToken">Stops between batches; what is done stays done.</param>
    /// <exception cref="TrakException">No scoring was started.</exception>
    /// <exception cref="InputException">There are more targets than were promised, or a number is not finite.</exception>
    public Task ScoreAsync(
        IAsyncEnumerable<Batch> batches, IProgress<TrakProgress>? progress = null, CancellationToken cancellationToken = default) =>
        StreamAsync(Scoring(), batches, ExampleIndices.All, progress, cancellationToken);

    /// <summary>Scores some targets. What is done is skipped. The next batch is read while one computes.</summary>
    /// <param name="batches">
    /// Batches that hold the named targets and no others. The memory of one must stay as it is until the one after the next is asked for.
    /// </param>
    /// <param name="targets">Which targets those are, in the stream's order: <c>100..200</c>, or an array of indices.</param>
    /// <param name="progress">Told after every batch.</param>
    /// <param name="cancellationToken">Stops between batches; what is done stays done.</param>
    /// <exception cref="TrakException">No scoring was started.</exception>
    /// <exception cref="InputException">
    /// The stream holds more or fewer targets than were named, an index is out of range or named twice, or a number is not finite.
    /// </exception>
    public Task ScoreAsync(
        IAsyncEnumerable<Batch> batches, ExampleIndices targets, IProgress<TrakProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        StreamAsync(Scoring(), batches, targets, progress, cancellationToken);

    /// <summary>Averages an experiment's scores over checkpoints and writes them to the store.</summary>
    /// <param name="experiment">Name of the set of targets.</param>
    /// <param name="modelIds">Checkpoints; null for all in the store.</param>
    /// <param name="progress">Told the rows done.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    /// <returns>Memory-mapped scores [n, m].</returns>
    /// <exception cref="TrakException">A checkpoint is not finalized, or targets are missing.</exception>
    public Scores FinalizeScores(
        string experiment, IReadOnlyList<int>? modelIds = null, IProgress<TrakProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        using IDisposable step = BeginStep();
        return Scorer().FinalizeScores(experiment, modelIds, progress, cancellationToken);
    }

    /// <inheritdoc cref="FinalizeScores"/>
    public Task<Scores> FinalizeScoresAsync(
        string experiment, IReadOnlyList<int>? modelIds = null, IProgress<TrakProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        Task.Run(() => FinalizeScores(experiment, modelIds, progress, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">A step is still running.</exception>
    public void Dispose()
    {
        if (!_steps.Close()) return;
        try
        {
            EndPass();
        }
        finally
        {
            _extractor.Dispose();
            if (!_writer.HasWritten) Store.DiscardIfNew();
            Store.Dispose();
            if (_ownsBackend) _backend.Dispose();
        }
    }

    private TrakScorer Scorer() => new(Store, _backend, _options.Lambda, _options.Weighting);

    private void UseWeights(Checkpoint checkpoint, int modelId)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        if (modelId < 0) throw new TrakException($"A model id is 0 or more; it is {modelId}.");
        _model.Load(checkpoint);
        Store.RequireWeights(modelId, checkpoint.Name, _model.WeightHash);
        _task.Prepare(_model);
    }

    private void Begin(FeaturePass pass)
    {
        _pass = pass;
        Log.Began(_logger, pass.Experiment ?? "training set", pass.ModelId, pass.Rows.DoneCount, pass.Rows.Rows);
    }

    /// <summary>Enters a step that ends the one before.</summary>
    private IDisposable BeginStep()
    {
        IDisposable step = _steps.Enter();
        try
        {
            EndPass();
            return step;
        }
        catch
        {
            step.Dispose();
            throw;
        }
    }

    private void EndPass()
    {
        if (_pass is not { } pass) return;
        _pass = null;
        using (pass) _writer.Complete();
        if (pass.IsTraining && pass.Rows.DoneCount == pass.Rows.Rows) Store.SetFeaturized(pass.ModelId);
    }

    private FeaturePass Training()
    {
        _steps.Check();
        return _pass is { IsTraining: true } pass
            ? pass
            : throw new TrakException("No checkpoint is being featurized; call LoadCheckpoint first.");
    }

    private FeaturePass Scoring()
    {
        _steps.Check();
        return _pass is { IsTraining: false } pass
            ? pass
            : throw new TrakException("No experiment is being scored; call StartScoringCheckpoint first.");
    }

    private void AddNext(FeaturePass pass, Batch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (batch.Indices is { } indices)
        {
            Add(pass, batch, indices);
            return;
        }

        using IDisposable step = _steps.Enter();
        _writer.Add(pass, batch, pass.Next(batch));
        pass.Advance(batch);
    }

    private void Add(FeaturePass pass, Batch batch, IReadOnlyList<long> indices)
    {
        using IDisposable step = _steps.Enter();
        _writer.Add(pass, batch, pass.At(batch, indices));
    }

    private async Task StreamAsync(
        FeaturePass pass, IAsyncEnumerable<Batch> batches, ExampleIndices examples,
        IProgress<TrakProgress>? progress, CancellationToken cancellationToken)
    {
        using IDisposable step = _steps.Enter();
        await FeatureStream.RunAsync(pass, _writer, batches, examples, progress, cancellationToken).ConfigureAwait(false);
    }
}
