using TrakFast.Kernels;

namespace TrakFast.Evaluation;

/// <summary>Sums of score rows over subsets: the product of the subsets' indicator matrix with the scores.</summary>
internal static unsafe class SubsetSums
{
    /// <summary>
    /// Σ_{i ∈ S_s} τ_ij for every subset and target. Blocks of at most 1,024 rows are multiplied in float32 and added up
    /// in float64, in order, so that neither millions of rows nor the number of threads change the digits that matter.
    /// </summary>
    /// <returns>[S, m].</returns>
    public static NativeBuffer<double> Compute(RowBlockReader scores, int targets, Subsets subsets, Workers workers, CancellationToken cancellationToken)
    {
        int count = subsets.Count;
        int block = (int)Math.Min(RowBlocks.BlockRows(targets), subsets.Universe);
        var sums = new NativeBuffer<double>((long)count * targets);
        try
        {
            using var rows = new NativeBuffer<float>((long)block * targets);
            using var indicators = new NativeBuffer<float>((long)count * block);
            using var product = new NativeBuffer<float>((long)count * targets);
            for (long start = 0; start < subsets.Universe; start += block)
            {
                cancellationToken.ThrowIfCancellationRequested();
                int here = (int)Math.Min(block, subsets.Universe - start);
                scores(start, rows.Slice(0, checked(here * targets)));
                for (int s = 0; s < count; s++) subsets.Indicators(s, start, indicators.Slice((long)s * block, here));
                Sgemm.Multiply(workers, false, false, count, targets, here, indicators.Pointer, block, rows.Pointer, targets, product.Pointer, targets, false);
                double* sum = sums.Pointer;
                float* add = product.Pointer;
                workers.Run(sums.Length, 1 << 16, (from, to) =>
                {
                    for (long at = from; at < to; at++) sum[at] += add[at];
                });
            }

            return sums;
        }
        catch
        {
            sums.Dispose();
            throw;
        }
    }
}
