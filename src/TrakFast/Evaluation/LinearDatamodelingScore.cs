using TrakFast.Kernels;

namespace TrakFast.Evaluation;

/// <summary>
/// The linear datamodeling score, LDS (Park et al. 2023, §2, after the datamodels of Ilyas et al. 2022): how well sums of
/// scores predict what models trained on subsets do. With g_j(S_s) = Σ_{i ∈ S_s} τ_ij, target j has the Spearman
/// correlation over s of g_j(S_s) with the margin f(z_j; θ(S_s)) of the model trained on S_s, and the LDS is the mean over
/// the targets. It depends on the order of the sums alone: scaling a target's scores by a positive number changes nothing.
/// </summary>
/// <param name="Mean">The LDS: the mean over the targets.</param>
/// <param name="Low">Lower end of its bootstrap interval.</param>
/// <param name="High">Upper end of its bootstrap interval.</param>
/// <param name="Confidence">Confidence of the interval, 0.95 by default.</param>
/// <param name="PerTarget">The correlation for each target, [m].</param>
/// <param name="Subsets">Number of subsets S.</param>
/// <param name="UndefinedTargets">Targets whose predictions or margins are all equal, which leaves no correlation; they count as 0.</param>
/// <remarks>
/// The interval resamples targets: it says how the mean would vary with other targets of the same kind. It does not cover
/// the choice of subsets, nor the noise of retraining, which lowers every LDS; print <see cref="SplitHalfReliability.Ceiling"/> beside it.
/// </remarks>
public sealed record LinearDatamodelingScore(
    double Mean, double Low, double High, double Confidence, IReadOnlyList<double> PerTarget, int Subsets, int UndefinedTargets)
{
    /// <summary>Measures scores that lie in memory.</summary>
    /// <param name="scores">τ [n, m].</param>
    /// <param name="subsets">S subsets of the n training examples.</param>
    /// <param name="margins">Margins of the models trained on them, [S, m]; best the mean of several retrainings.</param>
    /// <param name="options">Bootstrap and threads.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="TrakException">Sizes do not fit, there are fewer than two subsets, or a number is not finite.</exception>
    public static LinearDatamodelingScore Compute(
        ReadOnlyMemory<float> scores, Subsets subsets, ReadOnlySpan<float> margins,
        LinearDatamodelingOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(subsets);
        int targets = Targets(subsets, margins);
        if (scores.Length != subsets.Universe * targets)
        {
            throw new TrakException(
                $"There are {scores.Length} scores; "
                + $"{subsets.Universe} training examples and {targets} targets take {subsets.Universe * targets}.");
        }

        return Compute(RowBlocks.From(scores, targets), subsets, margins, options, cancellationToken);
    }

    /// <summary>Measures scores that come in blocks of rows, each row asked for once.</summary>
    /// <param name="scores">τ [n, m].</param>
    /// <param name="subsets">S subsets of the n training examples.</param>
    /// <param name="margins">Margins of the models trained on them, [S, m]; best the mean of several retrainings.</param>
    /// <param name="options">Bootstrap and threads.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="TrakException">Sizes do not fit, there are fewer than two subsets, or a number is not finite.</exception>
    public static LinearDatamodelingScore Compute(
        RowBlockReader scores, Subsets subsets, ReadOnlySpan<float> margins,
        LinearDatamodelingOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(subsets);
        options ??= new LinearDatamodelingOptions();
        using SubsetPredictions predictions = new(subsets, Targets(subsets, margins), options.Workers);
        predictions.AddRest(scores, cancellationToken);
        return Compute(predictions, margins, options, cancellationToken);
    }

    /// <summary>Measures scores that were added up over the subsets while they were made.</summary>
    /// <param name="predictions">Σ_{i ∈ S_s} τ_ij of every training example.</param>
    /// <param name="margins">Margins of the models trained on the subsets, [S, m]; best the mean of several retrainings.</param>
    /// <param name="options">Bootstrap and threads.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="TrakException">Sizes do not fit, there are fewer than two subsets, or a number is not finite.</exception>
    /// <exception cref="InvalidOperationException">Training examples are missing from the predictions.</exception>
    public static LinearDatamodelingScore Compute(
        SubsetPredictions predictions, ReadOnlySpan<float> margins,
        LinearDatamodelingOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        options ??= new LinearDatamodelingOptions();
        int subsets = predictions.Subsets, targets = predictions.Targets;
        if (subsets < 2) throw new TrakException($"There is {subsets} subset; a correlation over subsets needs at least two.");
        if (margins.Length != (long)subsets * targets)
        {
            throw new TrakException(
                $"There are {margins.Length} margins; "
                + $"{subsets} subsets and {targets} targets take {(long)subsets * targets}.");
        }

        (double[] perTarget, int undefined) = Correlate(
            predictions.Sums(), subsets, margins.ToArray(), targets, options.Workers, cancellationToken);
        (double low, double high) = Bootstrap.Mean(perTarget, options.Resamples, options.Confidence, options.Seed);
        return new LinearDatamodelingScore(perTarget.Average(), low, high, options.Confidence, perTarget, subsets, undefined);
    }

    private static int Targets(Subsets subsets, ReadOnlySpan<float> margins)
    {
        if (subsets.Count < 2) throw new TrakException($"There is {subsets.Count} subset; a correlation over subsets needs at least two.");
        if (margins.IsEmpty || margins.Length % subsets.Count != 0)
            throw new TrakException($"There are {margins.Length} margins, which is no row of them for each of {subsets.Count} subsets.");
        return margins.Length / subsets.Count;
    }

    private static unsafe (double[] PerTarget, int Undefined) Correlate(
        NativeBuffer<double> predictions, int subsets, float[] margins, int targets, Workers workers, CancellationToken cancellationToken)
    {
        // What is wrong is said for the first target that has it, before the work is shared out.
        double* sums = predictions.Pointer;
        for (long at = 0; at < predictions.Length; at++)
        {
            if (!double.IsFinite(sums[at]))
            {
                throw new TrakException(
                    $"The scores of target {at % targets} contain NaN or infinity, or their sum over subset {at / targets} does; "
                    + "check them where they were made.");
            }

            if (!float.IsFinite(margins[at]))
            {
                throw new TrakException(
                    $"The margin of target {at % targets} after training on subset {at / targets} is {margins[at]}; "
                    + "it has to be finite.");
            }
        }

        double[] perTarget = new double[targets];
        int undefined = 0;
        workers.Run(targets, 16, (start, end) =>
        {
            double[] predicted = new double[subsets];
            double[] actual = new double[subsets];
            for (long j = start; j < end; j++)
            {
                if (cancellationToken.IsCancellationRequested) return;
                for (int s = 0; s < subsets; s++)
                {
                    predicted[s] = sums[((long)s * targets) + j];
                    actual[s] = margins[((long)s * targets) + j];
                }

                perTarget[j] = Spearman.Correlation(predicted, actual);
                if (Spearman.IsConstant(predicted) || Spearman.IsConstant(actual)) Interlocked.Increment(ref undefined);
            }
        });
        cancellationToken.ThrowIfCancellationRequested();
        return (perTarget, undefined);
    }
}
