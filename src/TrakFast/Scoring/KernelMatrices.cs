using TrakFast.Kernels;

namespace TrakFast;

/// <summary>Makes the regularized kernel matrices of a store's checkpoints, and keeps their factors on disk.</summary>
internal sealed class KernelMatrices
{
    private readonly TrakStore _store;
    private readonly IKernelBackend _backend;
    private readonly Lambda _lambda;
    private readonly Weighting _weighting;

    public KernelMatrices(TrakStore store, IKernelBackend backend, Lambda lambda, Weighting weighting) =>
        (_store, _backend, _lambda, _weighting) = (store, backend, lambda, weighting);

    /// <summary>Accumulates a checkpoint's kernel matrix over its features, adds λ and factors it.</summary>
    /// <exception cref="TrakException">The matrix is not positive definite.</exception>
    public unsafe RegularizedKernel Factorize(int modelId, IProgress<TrakProgress>? progress, CancellationToken cancellationToken)
    {
        long n = _store.TrainSetSize;
        int k = _store.ProjectionDimension;
        long blockRows = Math.Min(RowBlockSize.For(k), n);
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

        return RegularizedKernel.Factorize(_backend.Workers, gram.ToMatrix(), n, _lambda, _store.Scaling, cancellationToken);
    }

    /// <summary>Reads the factor that <see cref="Keep"/> wrote.</summary>
    public RegularizedKernel Read(int modelId)
    {
        int k = _store.ProjectionDimension;
        using NpyRowsFile file = _store.Guarded(
            NpyRowsFile.Open(_store.Paths.Factor(modelId), ElementType.Float64, k, k, FileAccess.Read), modelId);
        SymmetricMatrix factor = new(k);
        for (int i = 0; i < k; i++) file.ReadElements(i, factor.Row(i));
        return RegularizedKernel.FromFactor(factor, _store.Model(modelId).Finalized!);
    }

    /// <summary>Has a checkpoint count as not finalized, whatever happens while its files are replaced.</summary>
    public void Withdraw(int modelId)
    {
        ModelRecord record = _store.Model(modelId);
        if (record.Finalized is not null) _store.Set(modelId, record with { Finalized = null }, isFeaturized: true);
    }

    /// <summary>Keeps a factor, and how it was made.</summary>
    public void Keep(int modelId, RegularizedKernel kernel)
    {
        string path = _store.Paths.Factor(modelId);
        ModelRecord record = _store.Model(modelId);
        File.Delete(path);
        using (NpyRowsFile file = _store.Summed(
            NpyRowsFile.Create(path, ElementType.Float64, kernel.Factor.Order, kernel.Factor.Order), modelId))
        {
            for (int i = 0; i < kernel.Factor.Order; i++) file.WriteElements<double>(i, kernel.Factor.Row(i));
            file.Flush();
            file.Sums!.SaveAll();
        }

        Finalization finalization = new()
        {
            Lambda = _lambda.Value,
            LambdaIsRelative = _lambda.IsRelative,
            LambdaAbsolute = kernel.Lambda,
            Weighting = TrakWords.Weightings.Word(_weighting),
            InverseScale = kernel.InverseScale,
        };
        _store.Set(modelId, record with { Finalized = finalization }, isFeaturized: true);
    }
}
