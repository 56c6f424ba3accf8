using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using TrakFast.Kernels;

namespace TrakFast;

/// <summary>
/// TRAK from a model to scores: for each checkpoint load, featurize the training set and finalize; for each experiment
/// score the targets under each checkpoint and finalize the scores. What is done is kept in the save directory, so a
/// run that stopped goes on where it was. Not for use by several threads at once.
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
    private readonly ILogger _logger;
    private int _modelId = -1;
    private FeaturePass? _pass;
    private PendingRows? _pending;
    private bool _keptNothing = true;

    /// <summary>Creates a Traker and opens its save directory, or makes it.</summary>
    /// <param name="model">An engine's hold on the model.</param>
    /// <param name="task">The model output function and its output-to-loss gradient.</param>
    /// <param name="trainSetSize">Train set size n.</param>
    /// <param name="options">Options; null for the defaults.</param>
    /// <param name="backend">Does the arithmetic where the engine's blocks lie; null for the CPU kernels on all processors.</param>
    /// <param name="logger">Told what happens; null for silence.</param>
    /// <exception cref="TrakException">An option is out of range, the directory holds another run, or the backend cannot reach the engine's memory.</exception>
    public Traker(IModel model, ModelOutput task, long trainSetSize, TrakOptions? options = null, IKernelBackend? backend = null, ILogger<Traker>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(task);
        _options = options ?? new TrakOptions();
        _options.Validate();
        if (trainSetSize is < 1 or > int.MaxValue)
            throw new TrakException($"The train set size must lie between 1 and {int.MaxValue}; it is {trainSetSize}.");
        if (model.Parameters.Count == 0)
            throw new TrakException("The model has no trainable parameters, so there is no gradient to attribute by; save it with its weights as initializers.");
        _model = model;
        _task = task;
        _logger = logger ?? (ILogger)NullLogger.Instance;
        _selection = ParameterSelection.Matching(model.Parameters, _options.GradientOf);
        TrainSetSize = trainSetSize;
        _ownsBackend = backend is null;
        _backend = backend ?? new CpuBackend(Workers.PerProcessor());
        _extractor = new FeatureExtractor(model, task, _backend, _selection, _options.Scaling);
        try
        {
            if (_backend.Space != model.BlockSpace)
                throw new TrakException($"The {model.Engine} engine leaves gradients in {model.BlockSpace} memory, and the kernel backend {_backend.Name} reads {_backend.Space} memory; use a backend of the engine's device.");
            RunIdentity run = Identity();
            if (_options.Lambda.Value == 0 && run.ProjectionDimension > trainSetSize)
                throw new TrakException($"λ = 0 needs k ≤ n: {trainSetSize} examples span at most {trainSetSize} of the k = {run.ProjectionDimension} directions, so ΦᵀΦ is singular; a relative λ of 1 is a good choice, and 1e-6 or more does.");
            CheckMemory(run.ProjectionDimension);
            Store = TrakStore.OpenOrCreate(_options.SaveDirectory, run);
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
    /// Examples of the current step that are done: training examples, or targets while scoring. With a backend on a device the last batch is
    /// done when the next one is given or the step ends, and an example that is not finite is told of then.
    /// </summary>
    public long DoneCount => _pass?.Rows.DoneCount ?? 0;

    /// <summary>Loads a checkpoint and starts featurizing the training set under it, or goes on where a run stopped.</summary>
    /// <param name="checkpoint">The weights.</param>
    /// <param name="modelId">The checkpoint's id; every id has its own projection matrix.</param>
    /// <exception cref="TrakException">The weights do not fit the model, or the id was used with other weights.</exception>
    public void LoadCheckpoint(Checkpoint checkpoint, int modelId)
    {
        EndPass();
        UseWeights(checkpoint, modelId);
        StorePaths paths = Store.Paths;
        if (!Store.TryGetModel(modelId, out _)) Store.Set(modelId, new ModelRecord { Weights = _model.WeightHash }, isFeaturized: false);

        // MadryLab/trak opens four files; `features` stays sparse until a finalization in TRAK scaling fills it.
        using (MarkedRows.Open(paths.IsFeaturized(modelId), TrainSetSize, (paths.Features(modelId), _options.Precision, ProjectionDimension)))
        {
        }

        MarkedRows rows = MarkedRows.Open(
            paths.IsFeaturized(modelId),
            TrainSetSize,
            (paths.Gradients(modelId), _options.Precision, ProjectionDimension),
            (paths.OutToLoss(modelId), ElementType.Float32, 1));
        Begin(new FeaturePass(rows, null, "training example"), modelId);
    }

    /// <summary>Featurizes the next training examples in sequence. Those already done are skipped.</summary>
    /// <param name="batch">Examples, in the order of the training set.</param>
    /// <exception cref="TrakException">No checkpoint is loaded, the training set is already full, or a number is not finite.</exception>
    public void Featurize(Batch batch) => AddNext(Training(), batch);

    /// <summary>Featurizes training examples by their index. Those already done are skipped.</summary>
    /// <param name="batch">Examples.</param>
    /// <param name="indices">Train index of each, [B]; each once.</param>
    /// <exception cref="TrakException">As above, or an index is out of range or given twice.</exception>
    public void Featurize(Batch batch, IReadOnlyList<long> indices) => Add(batch, Training().At(batch, indices));

    /// <summary>Featurizes a whole training set in sequence.</summary>
    /// <param name="batches">Batches in the order of the training set.</param>
    /// <param name="progress">Told after every batch.</param>
    /// <param name="cancellationToken">Stops between batches; what is done stays done.</param>
    public Task FeaturizeAsync(IAsyncEnumerable<Batch> batches, IProgress<TrakProgress>? progress = null, CancellationToken cancellationToken = default) =>
        EachAsync(batches, Featurize, "featurize", progress, cancellationToken);

    /// <summary>Finalizes checkpoints: their kernel matrices are accumulated, regularized and factored.</summary>
    /// <param name="modelIds">Checkpoints; null for all in the store.</param>
    /// <param name="progress">Told the rows done.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    /// <exception cref="TrakException">Examples are missing, or a kernel matrix is not positive definite.</exception>
    public void FinalizeFeatures(IReadOnlyList<int>? modelIds = null, IProgress<TrakProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        EndPass();
        if (Store.ModelIds.Count == 0) throw new TrakException("There is nothing to finalize: load a checkpoint and featurize the training set first.");
        foreach (int modelId in modelIds ?? Store.ModelIds)
        {
            Scorer().FinalizeFeatures(modelId, progress, cancellationToken);
            Log.Finalized(_logger, modelId, Store.FinalizationOf(modelId)!.Value.Absolute);
        }
    }

    /// <summary>Loads a checkpoint and starts scoring an experiment's targets under it, or goes on where a run stopped.</summary>
    /// <param name="experiment">Name of the set of targets: letters, digits, <c>-</c>, <c>_</c> and <c>.</c></param>
    /// <param name="checkpoint">The weights that the id was featurized with.</param>
    /// <param name="modelId">The checkpoint's id.</param>
    /// <param name="targetCount">Number of targets m.</param>
    /// <param name="targetSetId">What identifies the targets' data, such as <see cref="NpyDataset.Hash"/>; empty to compare only their number.</param>
    /// <exception cref="TrakException">The id is unknown or not finalized, the weights differ, or the experiment has other targets.</exception>
    public void StartScoringCheckpoint(string experiment, Checkpoint checkpoint, int modelId, long targetCount, string targetSetId = "")
    {
        EndPass();
        if (!TrakStore.IsExperimentName(experiment)) throw new TrakException($"'{experiment}' is not a name for an experiment: letters, digits, '-', '_' and '.' make one.");
        if (targetCount is < 1 or > int.MaxValue) throw new TrakException($"The number of targets must lie between 1 and {int.MaxValue}; it is {targetCount}.");
        if (Store.FinalizationOf(modelId) is null) throw new TrakException($"Model {modelId} is not finalized; call FinalizeFeatures before scoring.");
        UseWeights(checkpoint, modelId);
        if (!Store.TryGetExperiment(experiment, out ExperimentRecord? record)) Store.Set(experiment, new ExperimentRecord { Targets = targetCount, TargetSetId = targetSetId });
        else if (record!.Targets != targetCount)
            throw new TrakException($"Experiment '{experiment}' has {record.Targets} targets, now {targetCount}; give the other set another name.");
        else if (record.TargetSetId != targetSetId)
            throw new TrakException($"Experiment '{experiment}' has the targets {record.TargetSetId}, now {targetSetId}; give the other set another name.");
        MarkedRows rows = MarkedRows.Open(
            Store.Paths.TargetMarks(modelId, experiment),
            targetCount,
            (Store.Paths.TargetGradients(modelId, experiment), _options.Precision, ProjectionDimension));
        Begin(new FeaturePass(rows, experiment, "target"), modelId);
    }

    /// <summary>Scores the next targets in sequence. Those already done are skipped.</summary>
    /// <param name="batch">Targets, in order.</param>
    /// <exception cref="TrakException">No scoring was started, the experiment is already full, or a number is not finite.</exception>
    public void Score(Batch batch) => AddNext(Scoring(), batch);

    /// <summary>Scores targets by their index. Those already done are skipped.</summary>
    /// <param name="batch">Targets.</param>
    /// <param name="indices">Index of each in the experiment, [B]; each once.</param>
    /// <exception cref="TrakException">As above, or an index is out of range or given twice.</exception>
    public void Score(Batch batch, IReadOnlyList<long> indices) => Add(batch, Scoring().At(batch, indices));

    /// <summary>Scores a whole set of targets in sequence.</summary>
    /// <param name="batches">Batches in order.</param>
    /// <param name="progress">Told after every batch.</param>
    /// <param name="cancellationToken">Stops between batches; what is done stays done.</param>
    public Task ScoreAsync(IAsyncEnumerable<Batch> batches, IProgress<TrakProgress>? progress = null, CancellationToken cancellationToken = default) =>
        EachAsync(batches, Score, "score", progress, cancellationToken);

    /// <summary>Averages an experiment's scores over checkpoints and writes them to the store.</summary>
    /// <param name="experiment">Name of the set of targets.</param>
    /// <param name="modelIds">Checkpoints; null for all in the store.</param>
    /// <param name="progress">Told the rows done.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    /// <returns>Memory-mapped scores [n, m].</returns>
    /// <exception cref="TrakException">A checkpoint is not finalized, or targets are missing.</exception>
    public Scores FinalizeScores(string experiment, IReadOnlyList<int>? modelIds = null, IProgress<TrakProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        EndPass();
        return Scorer().FinalizeScores(experiment, modelIds, progress, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            EndPass();
        }
        finally
        {
            _extractor.Dispose();
            if (_keptNothing) Store.DiscardIfNew();
            Store.Dispose();
            if (_ownsBackend) _backend.Dispose();
        }
    }

    private TrakScorer Scorer() => new(Store, _backend, _options.Lambda, _options.Weighting);

    private RunIdentity Identity() => new()
    {
        Task = _task.Name,
        TaskSettings = new SortedDictionary<string, string>(_task.Settings.ToDictionary(), StringComparer.Ordinal),
        TrainSetSize = TrainSetSize,
        TrainSetId = _options.TrainSetId,
        Projection = StoreWords.Of(_options.Projection),
        ProjectionDimension = _options.Projection == ProjectionKind.None
            ? _selection.Length <= int.MaxValue ? (int)_selection.Length : throw new TrakException($"Without a projection the features have {_selection.Length} numbers each; choose a projection.")
            : _options.ProjectionDimension,
        Sparsity = _options.Sparsity,
        Seed = _options.Seed,
        Scaling = StoreWords.Of(_options.Scaling),
        Precision = StoreWords.OfPrecision(_options.Precision),
        GradientDimension = _selection.Length,
        Parameters = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
            string.Join('\n', _selection.Parameters.Select(static p => $"{p.Name} {Shapes.Text(p.Shape)}"))))),
    };

    private void UseWeights(Checkpoint checkpoint, int modelId)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        if (modelId < 0) throw new TrakException($"A model id is 0 or more; it is {modelId}.");
        _model.Load(checkpoint);
        string hash = _model.WeightHash;
        if (Store.TryGetModel(modelId, out ModelRecord? record) && record!.Weights != hash)
            throw new TrakException($"Model {modelId} in {Store.Directory} was featurized with weights {record.Weights[..12]}…, and {checkpoint.Name} has {hash[..12]}…; use another model id or another save directory.");
        _task.Prepare(_model);
    }

    private void Begin(FeaturePass pass, int modelId)
    {
        _pass = pass;
        _modelId = modelId;
        Log.Began(_logger, pass.Experiment ?? "training set", modelId, pass.Rows.DoneCount, pass.Rows.Rows);
    }

    private void EndPass()
    {
        if (_pass is not { } pass) return;
        _pass = null;
        try
        {
            KeepPending();
        }
        finally
        {
            pass.Rows.Dispose();
        }

        bool trained = pass.Experiment is null && pass.Rows.DoneCount == pass.Rows.Rows;
        if (trained) Store.Set(_modelId, Store.Model(_modelId), isFeaturized: true);
    }

    private FeaturePass Training() => _pass is { Experiment: null } pass
        ? pass
        : throw new TrakException("No checkpoint is being featurized; call LoadCheckpoint first.");

    private FeaturePass Scoring() => _pass is { Experiment: not null } pass
        ? pass
        : throw new TrakException("No experiment is being scored; call StartScoringCheckpoint first.");

    private void AddNext(FeaturePass pass, Batch batch)
    {
        Add(batch, pass.Next(batch));
        pass.Advance(batch);
    }

    private void Add(Batch batch, IReadOnlyList<long> indices)
    {
        FeaturePass pass = _pass!;

        // What is pending may be among these.
        if (_pending is { } pending && pending.Rows.Intersect(indices).Any()) KeepPending();
        long[] wanted = [.. Enumerable.Range(0, batch.Size).Where(b => !pass.Rows.IsDone(indices[b])).Select(static b => (long)b)];
        if (wanted.Length == 0) return;
        bool wantOutToLoss = pass.Experiment is null;
        if (wanted.Length < batch.Size)
        {
            if (wantOutToLoss && _task.ReadsWholeBatch)
                throw new TrakException($"{batch.Size - wanted.Length} of the {batch.Size} examples of a batch are done already, {pass.ExampleWord} {indices.First(pass.Rows.IsDone)} among them, and the task's Q depends on the whole batch; give the same batches as before.");
            batch = batch.Rows(wanted);
        }

        long[] rows = [.. wanted.Select(b => indices[(int)b])];
        if (wantOutToLoss) batch = batch.AsTraining(rows);
        Projection projection = new(_options.Projection, ProjectionDimension, _options.Seed, (uint)_modelId, _options.Sparsity);
        FeatureBatch next = _extractor.Start(batch, projection, wantOutToLoss, b => $"{pass.ExampleWord} {rows[b]}");

        // While a device still works on these, the ones before are written.
        (PendingRows? before, _pending) = (_pending, new PendingRows(pass.Rows, rows, next));
        Keep(before);
        if (next.IsComplete) KeepPending();
    }

    private void KeepPending()
    {
        (PendingRows? pending, _pending) = (_pending, null);
        Keep(pending);
    }

    private void Keep(PendingRows? pending)
    {
        if (pending is null) return;
        using FeatureBatch features = pending.Features;
        pending.Target.Write(0, pending.Rows, features.Take());
        if (features.OutToLoss.Length > 0) pending.Target.Write(1, pending.Rows, features.OutToLoss);
        pending.Target.Mark(pending.Rows);
        _keptNothing = false;
        TrakMetrics.Examples.Add(pending.Rows.Length);
    }

    private async Task EachAsync(
        IAsyncEnumerable<Batch> batches, Action<Batch> step, string phase, IProgress<TrakProgress>? progress, CancellationToken cancellationToken)
    {
        await foreach (Batch batch in batches.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            await Task.Run(() => step(batch), cancellationToken).ConfigureAwait(false);
            if (_pass is { } pass) progress?.Report(new TrakProgress(phase, pass.Rows.DoneCount, pass.Rows.Rows));
        }

        if (_pending is null) return;
        await Task.Run(KeepPending, cancellationToken).ConfigureAwait(false);
        if (_pass is { } all) progress?.Report(new TrakProgress(phase, all.Rows.DoneCount, all.Rows.Rows));
    }

    /// <summary>Features that a device may still be working on, and the rows that they go to.</summary>
    private sealed record PendingRows(MarkedRows Target, long[] Rows, FeatureBatch Features);

    // Featurizing may take days; that the k × k kernel matrix has no room is better known before.
    private static void CheckMemory(int k)
    {
        long available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        double bytes = 8.0 * k * k;
        if (bytes > available)
            throw new TrakException($"k = {k} makes a kernel matrix of {bytes / (1 << 30):F0} GiB, and this process may use {available >> 30} GiB; choose a projection with k = {(int)Math.Sqrt(available / 32.0)} or less.");
    }
}
