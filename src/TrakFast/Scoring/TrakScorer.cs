using System.Numerics.Tensors;
using TrakFast.Kernels;

namespace TrakFast;

/// <summary>
/// Turns stored features into scores: ΦᵀΦ in float64, a Cholesky factor of (ΦᵀΦ + λI), the targets solved against it
/// once, and one streamed product over the training features.
/// </summary>
public sealed class TrakScorer
{
    private readonly TrakStore _store;
    private readonly IKernelBackend _backend;
    private readonly Lambda _lambda;
    private readonly Weighting _weighting;
    private readonly KernelMatrices _kernels;
    private readonly ScoreStream _stream;

    /// <summary>Creates a scorer over a store.</summary>
    /// <param name="store">Features of training examples and targets.</param>
    /// <param name="backend">Does the arithmetic; null for the CPU kernels on all processors.</param>
    /// <param name="lambda">The regularizer; null for 1, relative.</param>
    /// <param name="weighting">Where Q enters.</param>
    /// <exception cref="TrakException">Loss weighting is asked of a store in TRAK scaling.</exception>
    public TrakScorer(TrakStore store, IKernelBackend? backend = null, Lambda? lambda = null, Weighting weighting = Weighting.Trak)
    {
        ArgumentNullException.ThrowIfNull(store);
        if (weighting == Weighting.Loss && store.Scaling == ScoreScaling.TrakPython)
            throw new TrakException(
                $"{store.SaveDirectory} is in TRAK scaling, which has no loss weighting; featurize in unit scaling for it.");
        (_store, _weighting) = (store, weighting);
        (_backend, _lambda) = (backend ?? new CpuBackend(Workers.PerProcessor()), lambda ?? Lambda.Default);
        _kernels = new KernelMatrices(store, _backend, _lambda, weighting);
        _stream = new ScoreStream(store, _backend, weighting);
    }

    /// <summary>
    /// Finalizes a checkpoint: accumulates its kernel matrix, regularizes and factors it, and keeps the factor. In TRAK
    /// scaling it also writes Φ(ΦᵀΦ + λI)⁻¹ as MadryLab/trak does.
    /// </summary>
    /// <param name="modelId">The checkpoint's id.</param>
    /// <param name="progress">Told the rows done.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    /// <exception cref="TrakException">Examples are missing, or the matrix is not positive definite.</exception>
    public void FinalizeFeatures(int modelId, IProgress<TrakProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        _store.RequireFeaturized(modelId);
        using RegularizedKernel kernel = _kernels.Factorize(modelId, progress, cancellationToken);
        _kernels.Withdraw(modelId);
        if (_store.Scaling == ScoreScaling.TrakPython) WriteFeatures(modelId, kernel, cancellationToken);
        _kernels.Keep(modelId, kernel);
    }

    /// <summary>Computes an experiment's scores over checkpoints and writes them to the store, [n, m].</summary>
    /// <param name="experiment">Name of the set of targets.</param>
    /// <param name="modelIds">Checkpoints to average; null for all.</param>
    /// <param name="progress">Told the rows done.</param>
    /// <param name="cancellationToken">Stops between blocks; scores written before stay as they were.</param>
    /// <exception cref="TrakException">
    /// A checkpoint is not finalized, or was with another λ or weighting, or targets are missing, or a score is not finite.
    /// </exception>
    public Scores FinalizeScores(
        string experiment,
        IReadOnlyList<int>? modelIds = null,
        IProgress<TrakProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        IReadOnlyList<int> models = _store.Models(modelIds);
        foreach (int modelId in models) _store.RequireFinalized(modelId, _lambda, _weighting);
        ExperimentRecord record = _store.Experiment(experiment);
        string path = _store.Paths.Scores(experiment);
        string temporary = path + ".part";
        Directory.CreateDirectory(_store.Paths.ScoresFolder);
        File.Delete(temporary);
        bool allAreZero = true;
        try
        {
            using (NpyRowsFile file = _store.Summed(
                NpyRowsFile.Create(temporary, ElementType.Float32, _store.TrainSetSize, record.Targets)))
            {
                TileSink sink = new(checked((int)record.Targets), (first, tile) =>
                {
                    CheckFinite(first, tile, record.Targets);
                    if (tile.ContainsAnyExcept(0f)) Volatile.Write(ref allAreZero, false);
                    file.WriteRows(first, tile);
                });
                _stream.Run(experiment, models, _kernels.Read, sink, progress, cancellationToken);
                if (allAreZero)
                    throw new TrakException(
                        $"Every score would be zero with λ = {_lambda} and {TrakWords.Weightings.Word(_weighting)} weighting: λ is larger than "
                        + "float32 can tell from infinity, or every Q is 0, or no gradient of a target meets one of a training example.");
                file.Flush();
                file.Sums!.SaveAll();
            }

            // Until both files are there the experiment counts as not scored.
            if (record.Scores is not null) _store.Set(experiment, record with { Scores = null });
            AtomicFile.Replace(RowSums.PathOf(temporary), RowSums.PathOf(path));
            AtomicFile.Replace(temporary, path);
        }
        finally
        {
            File.Delete(temporary);
            File.Delete(RowSums.PathOf(temporary));
        }

        ScoresRecord scores = new()
        {
            Models = models,
            Lambda = _lambda.Value,
            LambdaIsRelative = _lambda.IsRelative,
            LambdaAbsolute = [.. models.Select(id => _store.FinalizationOf(id)!.Value.Absolute)],
            Weighting = TrakWords.Weightings.Word(_weighting),
            Engines = _store.Engines,
            Backend = _backend.Name,
            Version = Product.Version,
            Weights = [.. models.Select(id => _store.Model(id).Weights)],
        };
        _store.Set(experiment, record with { Scores = scores });
        return _store.ReadScores(experiment);
    }

    /// <summary>
    /// Scores an experiment into a sink and writes nothing: whole tiles, or a <see cref="TopSink"/> when [n, m] is too
    /// large to keep. Checkpoints need not be finalized; their kernel matrices are factored here with this scorer's λ.
    /// </summary>
    /// <param name="experiment">Name of the set of targets.</param>
    /// <param name="sink">Receives the scores.</param>
    /// <param name="modelIds">Checkpoints to average; null for all.</param>
    /// <param name="progress">Told the rows done.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    /// <exception cref="TrakException">Features are missing, or a kernel matrix is not positive definite.</exception>
    public void Score(
        string experiment, ScoreSink sink, IReadOnlyList<int>? modelIds = null, IProgress<TrakProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sink);
        IReadOnlyList<int> models = _store.Models(modelIds);
        foreach (int modelId in models) _store.RequireFeaturized(modelId);
        _stream.Run(experiment, models, modelId => _kernels.Factorize(modelId, null, cancellationToken), sink, progress, cancellationToken);
    }

    /// <summary>
    /// What each training example's score would be with itself as the target, τ(z_i)_i, [n]: high where an example had to
    /// be learnt by heart, as wrong labels are. Kernel matrices are factored here with this scorer's λ.
    /// </summary>
    /// <param name="modelIds">Checkpoints to average; null for all.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    /// <exception cref="TrakException">Features are missing, or a kernel matrix is not positive definite.</exception>
    public unsafe float[] SelfInfluence(IReadOnlyList<int>? modelIds = null, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<int> models = _store.Models(modelIds);
        foreach (int modelId in models) _store.RequireFeaturized(modelId);
        int k = _store.ProjectionDimension;
        float[][] outToLoss = [.. models.Select(_store.ReadOutToLoss)];
        double[] influence = new double[_store.TrainSetSize];
        for (int model = 0; model < models.Count; model++)
        {
            float[] q = outToLoss[model];
            using RegularizedKernel kernel = _kernels.Factorize(models[model], null, cancellationToken);
            using SolvedRows solver = new(_backend.Workers, kernel);
            using NpyRowsFile file = _store.ReadFeatures(models[model]);
            solver.Each(
                file,
                (start, count, rows, solved) =>
                {
                    for (int i = 0; i < count; i++)
                    {
                        long at = (long)i * k;
                        double own = TensorPrimitives.Dot(new ReadOnlySpan<float>(rows + at, k), new ReadOnlySpan<float>(solved + at, k));

                        // With Q inside, both sides of the kernel matrix carry Q_i.
                        influence[start + i] += _weighting == Weighting.Loss ? own * q[start + i] * q[start + i] : own;
                    }
                },
                cancellationToken);
        }

        return [.. influence.Select(
            (own, i) => (float)(own / models.Count * (_weighting == Weighting.Loss ? 1 : ScoreStream.Mean(outToLoss, i))))];
    }

    private static void CheckFinite(long first, ReadOnlySpan<float> tile, long targets)
    {
        if (float.IsFinite(TensorPrimitives.SumOfMagnitudes(tile))) return;
        for (int i = 0; i < tile.Length; i++)
        {
            if (!float.IsFinite(tile[i]))
                throw new TrakException(
                    $"The score of training example {first + (i / targets)} for target {i % targets} is {tile[i]}; "
                    + "the features are too large for float32, or their files were damaged.");
        }
    }

    private unsafe void WriteFeatures(int modelId, RegularizedKernel kernel, CancellationToken cancellationToken)
    {
        using SolvedRows solver = new(_backend.Workers, kernel);
        using NpyRowsFile source = _store.ReadFeatures(modelId);
        File.Delete(_store.Paths.Features(modelId));
        using NpyRowsFile destination = _store.Summed(
            NpyRowsFile.Create(_store.Paths.Features(modelId), _store.Precision, _store.TrainSetSize, _store.ProjectionDimension), modelId);
        solver.Each(source, (start, count, _, solved) => destination.WriteRows(start, count, solved), cancellationToken);
        destination.Flush();
        destination.Sums!.SaveAll();
    }
}
