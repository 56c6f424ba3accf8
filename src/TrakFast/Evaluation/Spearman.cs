namespace TrakFast.Evaluation;

/// <summary>Spearman's rank correlation, as <c>scipy.stats.spearmanr</c> defines it: Pearson's correlation of average ranks.</summary>
public static class Spearman
{
    /// <summary>
    /// The correlation of two lists of equal length, from −1 to 1. Where all values of a list are equal the correlation
    /// is undefined: SciPy gives NaN with a warning; here it is 0, since such a list orders nothing (see
    /// <see cref="IsConstant"/>).
    /// </summary>
    /// <param name="a">The one list, [S].</param>
    /// <param name="b">The other, [S].</param>
    /// <exception cref="ArgumentException">The lists differ in length.</exception>
    /// <exception cref="TrakException">A value is NaN, which has no rank.</exception>
    public static double Correlation(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        if (a.Length != b.Length) throw new ArgumentException($"{a.Length} values cannot be correlated with {b.Length}.", nameof(b));
        double[] ranksOfA = Ranks(a);
        double[] ranksOfB = Ranks(b);

        // Average ranks always have the mean (S + 1) / 2.
        double mean = (a.Length + 1) / 2.0;
        double both = 0, squareA = 0, squareB = 0;
        for (int i = 0; i < ranksOfA.Length; i++)
        {
            (double da, double db) = (ranksOfA[i] - mean, ranksOfB[i] - mean);
            both += da * db;
            squareA += da * da;
            squareB += db * db;
        }

        return squareA == 0 || squareB == 0 ? 0 : Math.Clamp(both / Math.Sqrt(squareA * squareB), -1, 1);
    }

    /// <summary>The same for float32 values.</summary>
    /// <param name="a">The one list, [S].</param>
    /// <param name="b">The other, [S].</param>
    /// <exception cref="ArgumentException">The lists differ in length.</exception>
    /// <exception cref="TrakException">A value is NaN, which has no rank.</exception>
    public static double Correlation(ReadOnlySpan<float> a, ReadOnlySpan<float> b) => Correlation(Widen(a), Widen(b));

    /// <summary>Ranks from 1 on; values that are equal share the mean of their ranks.</summary>
    /// <param name="values">[S].</param>
    /// <returns>[S].</returns>
    /// <exception cref="TrakException">A value is NaN.</exception>
    public static double[] Ranks(ReadOnlySpan<double> values)
    {
        double[] sorted = values.ToArray();
        int[] order = new int[values.Length];
        for (int i = 0; i < order.Length; i++)
        {
            if (double.IsNaN(sorted[i])) throw new TrakException($"Value {i} of {values.Length} is NaN, which has no rank.");
            order[i] = i;
        }

        Array.Sort(sorted, order);
        double[] ranks = new double[values.Length];
        for (int start = 0, end; start < sorted.Length; start = end)
        {
            for (end = start + 1; end < sorted.Length && sorted[end] == sorted[start];) end++;
            for (int i = start; i < end; i++) ranks[order[i]] = (start + 1 + end) / 2.0;
        }

        return ranks;
    }

    /// <summary>Whether all values are equal, so that no correlation with them is defined.</summary>
    /// <param name="values">[S].</param>
    public static bool IsConstant(ReadOnlySpan<double> values) => values.IsEmpty || !values.ContainsAnyExcept(values[0]);

    private static double[] Widen(ReadOnlySpan<float> values)
    {
        double[] wide = new double[values.Length];
        for (int i = 0; i < wide.Length; i++) wide[i] = values[i];
        return wide;
    }
}
