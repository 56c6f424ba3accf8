using System.Numerics.Tensors;
using TrakFast.Kernels;

namespace TrakFast;

/// <summary>
/// The last step: targets are solved against each checkpoint's kernel matrix once, then the training features stream by
/// and every block becomes a tile of scores. The mean over checkpoints is part of the product.
/// </summary>
internal sealed class ScoreStream
{
    private readonly TrakStore _store;
    private readonly IKernelBackend _backend;
    private readonly Weighting _weighting;

    public ScoreStream(TrakStore store, IKernelBackend backend, Weighting weighting) =>
        (_store, _backend, _weighting) = (store, backend, weighting);

    /// <summary>Scores every training example for every target.</summary>
    /// <param name="experiment">The targets.</param>
    /// <param name="models">Checkpoints to average.</param>
    /// <param name="kernelOf">The regularized kernel matrix of a checkpoint; disposed here.</param>
    /// <param name="sink">Receives the tiles.</param>
    /// <param name="progress">Told the rows done.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    public unsafe void Run(
        string experiment, IReadOnlyList<int> models, Func<int, RegularizedKernel> kernelOf, ScoreSink sink,
        IProgress<TrakProgress>? progress, CancellationToken cancellationToken)
    {
        long n = _store.TrainSetSize;
        int k = _store.ProjectionDimension;
        long blockRows = Math.Min(RowBlockSize.For((long)k * models.Count), n);
        using BufferSet buffers = new(_backend);
        MemoryView[] targets = [.. models.Select(modelId => SolvedTargets(modelId, experiment, kernelOf, buffers, cancellationToken))];
        MemoryView[] train = [.. models.Select(_ => buffers.Allocate(blockRows * k))];
        MemoryView scale = buffers.Allocate(blockRows);
        float[][] outToLoss = [.. models.Select(_store.ReadOutToLoss)];
        float[] rowScale = new float[blockRows];
        using NativeBuffer<float> rows = new(blockRows * k);
        using FeatureFiles files = new(models.Select(_store.ReadFeatures));
        for (long start = 0; start < n; start += blockRows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = (int)Math.Min(blockRows, n - start);
            for (int model = 0; model < models.Count; model++)
            {
                files[model].ReadRows(start, count, rows.Pointer);
                if (_weighting == Weighting.Loss) ScaleRows(rows, k, outToLoss[model].AsSpan((int)start, count));
                _backend.Copy(MemoryView.Of(rows.Pointer, (long)count * k), train[model].Slice(0, (long)count * k));
            }

            // Loss weighting has Q in the rows already; TRAK's formula takes the mean of τ times the mean of Q.
            for (int i = 0; i < count; i++)
                rowScale[i] = _weighting == Weighting.Loss ? 1f / models.Count : Mean(outToLoss, start + i) / models.Count;
            fixed (float* pointer = rowScale) _backend.Copy(MemoryView.Of(pointer, count), scale.Slice(0, count));
            _backend.Score([.. train.Select(t => t.Slice(0, (long)count * k))], targets, scale.Slice(0, count), start, sink);
            progress?.Report(new TrakProgress("score", start + count, n));
        }

        _backend.Synchronize();
    }

    /// <summary>Mean over checkpoints of one row's Q.</summary>
    public static float Mean(float[][] outToLoss, long row)
    {
        double sum = 0;
        foreach (float[] values in outToLoss) sum += values[row];
        return (float)(sum / outToLoss.Length);
    }

    /// <summary>(ΦᵀΦ + λI)⁻¹ φ(z) for each target, [m, k] in the backend's memory.</summary>
    private unsafe MemoryView SolvedTargets(
        int modelId, string experiment, Func<int, RegularizedKernel> kernelOf, BufferSet buffers, CancellationToken cancellationToken)
    {
        _store.RequireTargets(modelId, experiment);
        int k = _store.ProjectionDimension;
        using RegularizedKernel kernel = kernelOf(modelId);
        using SolvedRows solver = new(_backend.Workers, kernel);
        using NpyRowsFile file = _store.ReadTargetFeatures(modelId, experiment);
        MemoryView targets = buffers.Allocate(file.Rows * k);
        solver.Each(
            file,
            (start, count, _, solved) => _backend.Copy(MemoryView.Of(solved, (long)count * k), targets.Slice(start * k, (long)count * k)),
            cancellationToken);
        return targets;
    }

    private static void ScaleRows(NativeBuffer<float> rows, int k, ReadOnlySpan<float> scale)
    {
        for (int i = 0; i < scale.Length; i++)
        {
            Span<float> row = rows.Slice((long)i * k, k);
            TensorPrimitives.Multiply(row, scale[i], row);
        }
    }
}
