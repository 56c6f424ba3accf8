namespace TrakFast.Evaluation;

/// <summary>Percentile bootstrap (Efron 1979).</summary>
internal static class Bootstrap
{
    /// <summary>Interval of the mean of <paramref name="values"/> when they are drawn again with replacement.</summary>
    public static (double Low, double High) Mean(ReadOnlySpan<double> values, int resamples, double confidence, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(resamples, 1);
        if (!(confidence is > 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(confidence), confidence, "The confidence lies between 0 and 1.");
        double[] means = new double[resamples];
        for (int r = 0; r < resamples; r++)
        {
            var random = new SeededRandom(seed, (ulong)r);
            double sum = 0;
            for (int i = 0; i < values.Length; i++) sum += values[(int)random.Below(values.Length)];
            means[r] = sum / values.Length;
        }

        Array.Sort(means);
        return (Quantile(means, (1 - confidence) / 2), Quantile(means, (1 + confidence) / 2));
    }

    // Linear between neighbors, as NumPy's quantile.
    private static double Quantile(double[] sorted, double q)
    {
        double at = q * (sorted.Length - 1);
        int below = (int)at;
        int above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((at - below) * (sorted[above] - sorted[below]));
    }
}
