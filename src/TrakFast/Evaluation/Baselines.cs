using TrakFast.Kernels;

namespace TrakFast.Evaluation;

/// <summary>What attribution has to beat. Rankings are [n], higher is more suspicious; scores are blocks of rows [n, m].</summary>
public static unsafe class Baselines
{
    /// <summary>Standard normal scores. Row i depends on the seed and i alone.</summary>
    /// <param name="targets">Number of targets m.</param>
    /// <param name="seed">The seed.</param>
    /// <returns>Rows of [n, m], for any n.</returns>
    public static RowBlockReader Random(int targets, ulong seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(targets, 1);
        return (start, rows) =>
        {
            for (int at = 0; at < rows.Length; start++)
            {
                var random = new SeededRandom(seed, (ulong)start);
                for (int j = 0; j < targets; j++) rows[at++] = (float)random.Normal();
            }
        };
    }

    /// <summary>Standard normal scores in one array.</summary>
    /// <param name="count">Number of training examples n.</param>
    /// <param name="targets">Number of targets m.</param>
    /// <param name="seed">The seed.</param>
    /// <returns>[n, m].</returns>
    public static float[] Random(long count, int targets, ulong seed = 0) => Random(targets, seed).ToArray(count, targets);

    /// <summary>
    /// Gradient dot products, the mean over checkpoints of φ_i·φ_j, or of Q_i φ_i·φ_j where a checkpoint has Q: TRAK
    /// without the inverse; with Q, TracIn with constant steps (Pruthi et al. 2020, §3.2), up to the targets' own Q.
    /// </summary>
    /// <param name="checkpoints">Features of each checkpoint, with the same number of targets.</param>
    /// <param name="workers">Threads to use; the result does not depend on them.</param>
    /// <returns>Rows of [n, m], computed when they are asked for.</returns>
    /// <exception cref="TrakException">There is no checkpoint, or they differ in their number of targets.</exception>
    public static RowBlockReader GradientDotProduct(IReadOnlyList<CheckpointFeatures> checkpoints, Workers workers)
    {
        ArgumentNullException.ThrowIfNull(checkpoints);
        ArgumentNullException.ThrowIfNull(workers);
        if (checkpoints.Count == 0) throw new TrakException("There is no checkpoint to take gradient dot products from.");
        int targets = checkpoints[0].TargetCount;
        int[] counts = [.. checkpoints.Select(static c => c.TargetCount)];
        if (counts.Any(count => count != targets))
            throw new TrakException($"The checkpoints differ in their number of targets: {string.Join(", ", counts)}.");
        return (start, rows) =>
        {
            rows.Clear();
            foreach (CheckpointFeatures checkpoint in checkpoints)
            {
                // A few megabytes of features at a time, however many rows of scores were asked for.
                int block = RowBlocks.BlockRows(checkpoint.Dimension), count = rows.Length / targets;
                for (int done = 0; done < count; done += block)
                {
                    int here = Math.Min(block, count - done);
                    AddProducts(checkpoint, start + done, rows.Slice(done * targets, here * targets), checkpoints.Count, workers);
                }
            }
        };
    }

    /// <summary>
    /// The cross-entropy loss of each example, log(1 + e^−f), for margins f = log(p / (1 − p)) as the classification
    /// tasks have them: what a ranking of suspicious labels has to beat.
    /// </summary>
    /// <param name="outputs">Model outputs f [n].</param>
    /// <returns>[n].</returns>
    public static float[] Loss(ReadOnlySpan<float> outputs)
    {
        float[] losses = new float[outputs.Length];

        // For negative f the exponent would overflow; log(1 + e^-f) = -f + log(1 + e^f).
        for (int i = 0; i < losses.Length; i++)
            losses[i] = (float)(Math.Max(-outputs[i], 0.0) + Math.Log(1 + Math.Exp(-Math.Abs((double)outputs[i]))));
        return losses;
    }

    private static void AddProducts(CheckpointFeatures checkpoint, long start, Span<float> rows, int checkpoints, Workers workers)
    {
        int width = checkpoint.Dimension, targets = checkpoint.TargetCount, count = rows.Length / targets;
        using var train = new NativeBuffer<float>((long)count * width);
        using var product = new NativeBuffer<float>(rows.Length);
        checkpoint.Train(start, train.Span);
        fixed (float* target = checkpoint.Targets.Span)
        {
            Sgemm.Multiply(
                workers, false, true, count, targets, width, train.Pointer, width, target, width, product.Pointer, targets, false);
        }

        ReadOnlySpan<float> q = checkpoint.OutToLoss.Span;
        for (int i = 0; i < count; i++)
        {
            float weight = (q.IsEmpty ? 1 : q[checked((int)(start + i))]) / checkpoints;
            for (int j = 0; j < targets; j++) rows[(i * targets) + j] += weight * product.Pointer[((long)i * targets) + j];
        }
    }
}
