using System.Numerics.Tensors;
using TrakFast.Kernels;

namespace TrakFast;

/// <summary>
/// Turns stored features into scores: ΦᵀΦ in float64, a Cholesky factor of (ΦᵀΦ + λI), the targets solved against it
/// once, and one streamed product over the training features (design: solve for the smaller side).
/// </summary>
public sealed class TrakScorer
{
    private const long BlockBytes = 32 << 20;
    private const int SolveColumns = 256;
    private readonly TrakStore _store;
    private readonly IKernelBackend _backend;
    private readonly Lambda _lambda;
    private readonly Weighting _weighting;

    /// <summary>Creates a scorer over a store.</summary>
    /// <param name="store">Features of training examples and targets.</param>
    /// <param name="backend">Does the arithmetic.</param>
    /// <param name="lambda">The regulariser.</param>
    /// <param name="weighting">Where Q enters.</param>
    /// <exception cref="TrakException">Loss weighting is asked of a store in TRAK scaling.</exception>
    public TrakScorer(TrakStore store, IKernelBackend backend, Lambda lambda, Weighting weighting)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(backend);
        if (weighting == Weighting.Loss && store.Scaling == ScoreScaling.TrakPython)
            throw new TrakException($"{store.Directory} is in TRAK scaling, which has no loss weighting; featurize in unit scaling for it.");
        (_store, _backend, _lambda, _weighting) = (store, backend, lambda, weighting);
    }

    /// <summary>
    /// Finalises a checkpoint: accumulates its kernel matrix, regularises and factors it, and keeps the factor. In TRAK
    /// scaling it also writes Φ(ΦᵀΦ + λI)⁻¹ as MadryLab/trak does.
    /// </summary>
    /// <exception cref="TrakException">Examples are missing, or the matrix is not positive definite.</exception>
    public void FinalizeFeatures(int modelId, IProgress<TrakProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ModelRecord record = _store.Model(modelId);
        RequireFeaturized(modelId);
        using RegularizedKernel kernel = Factorize(modelId, progress, cancellationToken);
        WriteFactor(modelId, kernel.Factor);
        if (_store.Scaling == ScoreScaling.TrakPython) WriteFeatures(modelId, kernel, cancellationToken);
        Finalization finalization = new()
        {
            Lambda = _lambda.Value,
            LambdaIsRelative = _lambda.IsRelative,
            LambdaAbsolute = kernel.Lambda,
            Weighting = StoreWords.Of(_weighting),
            InverseScale = kernel.InverseScale,
        };
        _store.Set(modelId, record with { Finalized = finalization }, isFeaturized: true);
    }

    /// <summary>Computes an experiment's scores over checkpoints and writes them to the store, [n, m].</summary>
    /// <param name="experiment">Name of the set of targets.</param>
    /// <param name="modelIds">Checkpoints to average; null for all.</param>
    /// <param name="progress">Told the rows done.</param>
    /// <param name="cancellationToken">Stops between blocks; scores written before stay as they were.</param>
    /// <exception cref="TrakException">A checkpoint is not finalised, or was with another λ or weighting, or targets are missing.</exception>
    public Scores FinalizeScores(
        string experiment, IReadOnlyList<int>? modelIds = null, IProgress<TrakProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<int> models = Models(modelIds);
        foreach (int modelId in models) RequireFinalized(modelId);
        ExperimentRecord record = _store.Experiment(experiment);
        string path = _store.Paths.Scores(experiment);
        string temporary = path + ".part";
        Directory.CreateDirectory(_store.Paths.ScoresFolder);
        File.Delete(temporary);
        try
        {
            using (NpyRowsFile file = NpyRowsFile.Create(temporary, ElementType.Float32, _store.TrainSetSize, record.Targets))
            {
                TileSink sink = new(checked((int)record.Targets), file.WriteRows);
                Stream(experiment, models, StoredKernel, sink, progress, cancellationToken);
                file.Flush();
            }

            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }

        _store.Set(experiment, record with
        {
            Scores = new ScoresRecord { Models = models, Lambda = _lambda.Value, LambdaIsRelative = _lambda.IsRelative, Weighting = StoreWords.Of(_weighting) },
        });
        return _store.ReadScores(experiment);
    }

    /// <summary>
    /// Scores an experiment into a sink and writes nothing: whole tiles, or a <see cref="TopSink"/> when [n, m] is too
    /// large to keep. Checkpoints need not be finalised; their kernel matrices are factored here with this scorer's λ.
    /// </summary>
    /// <param name="experiment">Name of the set of targets.</param>
    /// <param name="sink">Receives the scores.</param>
    /// <param name="modelIds">Checkpoints to average; null for all.</param>
    /// <param name="progress">Told the rows done.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    /// <exception cref="TrakException">Features are missing, or a kernel matrix is not positive definite.</exception>
    public void Score(
        string experiment, ScoreSink sink, IReadOnlyList<int>? modelIds = null, IProgress<TrakProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sink);
        IReadOnlyList<int> models = Models(modelIds);
        foreach (int modelId in models) RequireFeaturized(modelId);
        Stream(experiment, models, modelId => Factorize(modelId, null, cancellationToken), sink, progress, cancellationToken);
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
        IReadOnlyList<int> models = Models(modelIds);
        foreach (int modelId in models) RequireFeaturized(modelId);
        long n = _store.TrainSetSize;
        int k = _store.ProjectionDimension;
        float[][] outToLoss = [.. models.Select(_store.ReadOutToLoss)];
        double[] influence = new double[n];
        using NativeBuffer<float> rows = new((long)SolveColumns * k);
        using NativeBuffer<float> solved = new((long)SolveColumns * k);
        using NativeBuffer<double> columns = new((long)SolveColumns * k);
        for (int model = 0; model < models.Count; model++)
        {
            using RegularizedKernel kernel = Factorize(models[model], null, cancellationToken);
            using NpyRowsFile file = _store.ReadFeatures(models[model]);
            for (long start = 0; start < n; start += SolveColumns)
            {
                int count = (int)Math.Min(SolveColumns, n - start);
                file.ReadRows(start, count, rows.Pointer);
                rows.Slice(0, count * k).CopyTo(solved.Slice(0, count * k));
                SolveRows(kernel, solved.Pointer, count, columns.Pointer);
                for (int i = 0; i < count; i++)
                {
                    float own = TensorPrimitives.Dot(rows.Slice((long)i * k, k), solved.Slice((long)i * k, k));

                    // With Q inside, both sides of the kernel matrix carry Q_i.
                    float q = outToLoss[model][start + i];
                    influence[start + i] += (_weighting == Weighting.Loss ? own * q * q : own) / models.Count;
                }
            }
        }

        return [.. influence.Select((own, i) => (float)(_weighting == Weighting.Loss ? own : own * MeanOutToLoss(outToLoss, i)))];
    }

    private unsafe void Stream(
        string experiment, IReadOnlyList<int> models, Func<int, RegularizedKernel> kernelOf, ScoreSink sink,
        IProgress<TrakProgress>? progress, CancellationToken cancellationToken)
    {
        long n = _store.TrainSetSize;
        long m = _store.TargetCount(experiment);
        int k = _store.ProjectionDimension;
        long blockRows = BlockRows(k * models.Count);
        using BufferSet buffers = new(_backend);
        MemoryView[] targets = [.. models.Select(modelId => SolvedTargets(modelId, experiment, kernelOf, m, buffers, cancellationToken))];
        MemoryView[] train = [.. models.Select(_ => buffers.Allocate(blockRows * k))];
        MemoryView scale = buffers.Allocate(blockRows);
        using NativeBuffer<float> rows = new(blockRows * k);
        float[][] outToLoss = [.. models.Select(_store.ReadOutToLoss)];
        using FeatureFiles files = new(models.Select(_store.ReadFeatures));
        float[] rowScale = new float[blockRows];
        for (long start = 0; start < n; start += blockRows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            long count = Math.Min(blockRows, n - start);
            for (int model = 0; model < models.Count; model++)
            {
                files[model].ReadRows(start, count, rows.Pointer);
                if (_weighting == Weighting.Loss) ScaleRows(rows, count, k, outToLoss[model].AsSpan((int)start, (int)count));
                _backend.Copy(MemoryView.Of(rows.Pointer, count * k), train[model].Slice(0, count * k));
            }

            for (long i = 0; i < count; i++)
                rowScale[i] = _weighting == Weighting.Loss ? 1f / models.Count : MeanOutToLoss(outToLoss, start + i) / models.Count;
            fixed (float* pointer = rowScale) _backend.Copy(MemoryView.Of(pointer, count), scale.Slice(0, count));
            _backend.Score([.. train.Select(t => t.Slice(0, count * k))], targets, scale.Slice(0, count), start, sink);
            progress?.Report(new TrakProgress("score", start + count, n));
        }

        _backend.Synchronize();
    }

    /// <summary>(ΦᵀΦ + λI)⁻¹ φ(z) for each target, [m, k] in the backend's memory.</summary>
    private unsafe MemoryView SolvedTargets(
        int modelId, string experiment, Func<int, RegularizedKernel> kernelOf, long m, BufferSet buffers, CancellationToken cancellationToken)
    {
        int k = _store.ProjectionDimension;
        RequireTargets(modelId, experiment, m);
        using RegularizedKernel kernel = kernelOf(modelId);
        using NpyRowsFile file = _store.ReadTargetFeatures(modelId, experiment);
        using NativeBuffer<float> rows = new((long)SolveColumns * k);
        using NativeBuffer<double> columns = new((long)SolveColumns * k);
        MemoryView solved = buffers.Allocate(m * k);
        for (long start = 0; start < m; start += SolveColumns)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = (int)Math.Min(SolveColumns, m - start);
            file.ReadRows(start, count, rows.Pointer);
            SolveRows(kernel, rows.Pointer, count, columns.Pointer);
            _backend.Copy(MemoryView.Of(rows.Pointer, (long)count * k), solved.Slice(start * k, (long)count * k));
        }

        return solved;
    }

    /// <summary>Replaces rows [count, k] by the inverse kernel matrix applied to each.</summary>
    private unsafe void SolveRows(RegularizedKernel kernel, float* rows, int count, double* columns)
    {
        int k = kernel.Factor.Order;
        for (int j = 0; j < count; j++)
        {
            for (int i = 0; i < k; i++) columns[((long)i * count) + j] = rows[((long)j * k) + i];
        }

        Cholesky.Solve(_backend.Workers, kernel.Factor, columns, count);
        for (int j = 0; j < count; j++)
        {
            for (int i = 0; i < k; i++) rows[((long)j * k) + i] = (float)(columns[((long)i * count) + j] * kernel.InverseScale);
        }
    }

    private unsafe RegularizedKernel Factorize(int modelId, IProgress<TrakProgress>? progress, CancellationToken cancellationToken)
    {
        long n = _store.TrainSetSize;
        int k = _store.ProjectionDimension;
        long blockRows = BlockRows(k);
        using NpyRowsFile file = _store.ReadFeatures(modelId);
        using IGramAccumulator gram = _backend.CreateGram(k);
        using BufferSet buffers = new(_backend);
        using NativeBuffer<float> rows = new(blockRows * k);
        MemoryView block = buffers.Allocate(blockRows * k);
        MemoryView scale = buffers.Allocate(blockRows);
        float[] outToLoss = _weighting == Weighting.Loss ? _store.ReadOutToLoss(modelId) : [];
        for (long start = 0; start < n; start += blockRows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            long count = Math.Min(blockRows, n - start);
            file.ReadRows(start, count, rows.Pointer);
            _backend.Copy(MemoryView.Of(rows.Pointer, count * k), block.Slice(0, count * k));
            if (outToLoss.Length > 0)
            {
                fixed (float* q = &outToLoss[start]) _backend.Copy(MemoryView.Of(q, count), scale.Slice(0, count));
            }

            gram.Add(block.Slice(0, count * k), count, outToLoss.Length > 0 ? scale.Slice(0, count) : scale.Slice(0, 0));
            progress?.Report(new TrakProgress("finalize", start + count, n));
        }

        return RegularizedKernel.Factorize(_backend.Workers, gram.ToMatrix(), n, _lambda, _store.Scaling);
    }

    private RegularizedKernel StoredKernel(int modelId)
    {
        int k = _store.ProjectionDimension;
        using NpyRowsFile file = NpyRowsFile.Open(_store.Paths.Factor(modelId), ElementType.Float64, k, k, FileAccess.Read);
        SymmetricMatrix factor = new(k);
        for (int i = 0; i < k; i++) file.ReadElements(i, factor.Row(i));
        return RegularizedKernel.FromFactor(factor, _store.Model(modelId).Finalized!);
    }

    private void WriteFactor(int modelId, SymmetricMatrix factor)
    {
        string path = _store.Paths.Factor(modelId);
        File.Delete(path);
        using NpyRowsFile file = NpyRowsFile.Create(path, ElementType.Float64, factor.Order, factor.Order);
        for (int i = 0; i < factor.Order; i++) file.WriteElements<double>(i, factor.Row(i));
        file.Flush();
    }

    private unsafe void WriteFeatures(int modelId, RegularizedKernel kernel, CancellationToken cancellationToken)
    {
        long n = _store.TrainSetSize;
        int k = _store.ProjectionDimension;
        using NpyRowsFile source = _store.ReadFeatures(modelId);
        using NpyRowsFile destination = NpyRowsFile.Open(_store.Paths.Features(modelId), _store.Precision, n, k);
        using NativeBuffer<float> rows = new((long)SolveColumns * k);
        using NativeBuffer<double> columns = new((long)SolveColumns * k);
        for (long start = 0; start < n; start += SolveColumns)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = (int)Math.Min(SolveColumns, n - start);
            source.ReadRows(start, count, rows.Pointer);
            SolveRows(kernel, rows.Pointer, count, columns.Pointer);
            destination.WriteRows(start, count, rows.Pointer);
        }

        destination.Flush();
    }

    private IReadOnlyList<int> Models(IReadOnlyList<int>? modelIds)
    {
        IReadOnlyList<int> models = modelIds ?? _store.ModelIds;
        return models.Count > 0 ? models : throw new TrakException($"{_store.Directory} has no checkpoint to score with; featurize one first.");
    }

    private void RequireFeaturized(int modelId)
    {
        _store.Model(modelId);
        (long done, long first) = Marks(_store.Paths.IsFeaturized(modelId), _store.TrainSetSize);
        if (first >= 0)
            throw new TrakException($"Model {modelId} has {done} of {_store.TrainSetSize} training examples featurized (example {first} is the first missing); featurize the rest first.");
    }

    private void RequireFinalized(int modelId)
    {
        (Lambda lambda, _, Weighting weighting) = _store.FinalizationOf(modelId)
            ?? throw new TrakException($"Model {modelId} is not finalised; call FinalizeFeatures before finalising scores.");
        if (lambda != _lambda || weighting != _weighting)
            throw new TrakException($"Model {modelId} was finalised with λ = {lambda} and {StoreWords.Of(weighting)} weighting, now λ = {_lambda} and {StoreWords.Of(_weighting)} weighting are asked for; finalise it again.");
    }

    private void RequireTargets(int modelId, string experiment, long m)
    {
        string marks = _store.Paths.TargetMarks(modelId, experiment);
        if (!File.Exists(_store.Paths.TargetGradients(modelId, experiment)))
            throw new TrakException($"Model {modelId} has not scored experiment '{experiment}' yet; start with StartScoringCheckpoint.");

        // MadryLab/trak keeps no marks for targets: what it wrote is taken as whole.
        if (_store.IsForeign && !File.Exists(marks)) return;
        (long done, long first) = Marks(marks, m);
        if (first >= 0)
            throw new TrakException($"Model {modelId} has {done} of {m} targets of experiment '{experiment}' scored (target {first} is the first missing); score the rest first.");
    }

    private static (long Done, long FirstMissing) Marks(string path, long rows)
    {
        if (!File.Exists(path)) return (0, 0);
        using NpyRowsFile file = NpyRowsFile.Open(path, ElementType.Int32, rows, 1, FileAccess.Read);
        int[] marks = new int[rows];
        file.ReadElements<int>(0, marks);
        return (marks.LongCount(static mark => mark != 0), Array.IndexOf(marks, 0));
    }

    private static float MeanOutToLoss(float[][] outToLoss, long row)
    {
        double sum = 0;
        foreach (float[] values in outToLoss) sum += values[row];
        return (float)(sum / outToLoss.Length);
    }

    private static void ScaleRows(NativeBuffer<float> rows, long count, int k, ReadOnlySpan<float> scale)
    {
        for (int i = 0; i < count; i++)
        {
            Span<float> row = rows.Slice((long)i * k, k);
            TensorPrimitives.Multiply(row, scale[i], row);
        }
    }

    /// <summary>Rows of a block of 32 MiB; at most 4,096. Depends on the width alone, so results do not depend on the machine.</summary>
    private static long BlockRows(long width) => Math.Clamp(BlockBytes / (4 * width), 1, 4096);
}
