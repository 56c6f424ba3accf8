namespace TrakFast.Evaluation;

/// <summary>
/// How much of the margins is signal when every subset was trained on several times, and how high an LDS a perfect
/// predictor would reach. The R retrainings are split into two halves of h = ⌊R/2⌋; r is the Spearman correlation over
/// the subsets of the halves' mean margins; the mean of all R then has the reliability ρ = t·r / (1 + (t − 1)·r) with
/// t = R/h (Spearman 1910 and Brown 1910; for even R the familiar 2r / (1 + r)), and true values correlate with the
/// observed means at √ρ (the attenuation formula, Spearman 1904): the ceiling.
/// </summary>
/// <param name="Correlation">Mean over targets of r, itself the mean over the splits.</param>
/// <param name="Reliability">Mean over targets of ρ.</param>
/// <param name="Ceiling">Mean over targets of √ρ: the LDS of a perfect predictor against the mean of all R retrainings.</param>
/// <param name="PerTargetCeiling">√ρ of each target, [m].</param>
/// <param name="Repeats">Retrainings R of each subset.</param>
/// <param name="Splits">Splits that were averaged.</param>
/// <remarks>
/// The formulas hold for Pearson's correlation; for ranks they are a good approximation (on normal margins within 0.01).
/// A negative r counts as reliability 0.
/// </remarks>
public sealed record SplitHalfReliability(
    double Correlation, double Reliability, double Ceiling, IReadOnlyList<double> PerTargetCeiling, int Repeats, int Splits)
{
    /// <summary>Measures margins.</summary>
    /// <param name="margins">[R, S, m], R ≥ 2.</param>
    /// <param name="repeats">Retrainings R of each subset.</param>
    /// <param name="subsets">Number of subsets S.</param>
    /// <param name="splits">Random splits into halves to average over; with two or three retrainings all splits are taken.</param>
    /// <param name="seed">Seed of the splits.</param>
    /// <exception cref="TrakException">There are fewer than two retrainings or subsets, or the margins are not [R, S, m].</exception>
    public static SplitHalfReliability Compute(ReadOnlySpan<float> margins, int repeats, int subsets, int splits = 20, ulong seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(splits, 1);
        if (repeats < 2) throw new TrakException($"Each subset was trained on {repeats} time(s); split halves need at least two.");
        if (subsets < 2) throw new TrakException($"There is {subsets} subset; a correlation over subsets needs at least two.");
        long plane = (long)repeats * subsets;
        if (margins.IsEmpty || margins.Length % plane != 0)
        {
            throw new TrakException(
                $"There are {margins.Length} margins, "
                + $"which is no whole number of targets for {repeats} retrainings of {subsets} subsets.");
        }

        int targets = (int)(margins.Length / plane);
        int half = repeats / 2;
        int[][] orders = repeats switch
        {
            2 => [[0, 1]],
            3 => [[0, 1, 2], [0, 2, 1], [1, 2, 0]],
            _ => [.. Enumerable.Range(0, splits).Select(split => Shuffled(repeats, new SeededRandom(seed, (ulong)split)))],
        };

        double lengthening = (double)repeats / half;
        double[] ceilings = new double[targets];
        double correlation = 0, reliability = 0;
        double[] first = new double[subsets], second = new double[subsets];
        for (int j = 0; j < targets; j++)
        {
            double r = 0;
            foreach (int[] order in orders)
            {
                Mean(margins, order.AsSpan(0, half), j, targets, first);
                Mean(margins, order.AsSpan(half, half), j, targets, second);
                r += Spearman.Correlation(first, second) / orders.Length;
            }

            double rho = Math.Max(r, 0) is var signal ? lengthening * signal / (1 + ((lengthening - 1) * signal)) : 0;
            correlation += r / targets;
            reliability += rho / targets;
            ceilings[j] = Math.Sqrt(rho);
        }

        return new SplitHalfReliability(correlation, reliability, ceilings.Average(), ceilings, repeats, orders.Length);
    }

    private static void Mean(ReadOnlySpan<float> margins, ReadOnlySpan<int> repeats, int target, int targets, Span<double> means)
    {
        means.Clear();
        foreach (int repeat in repeats)
        {
            for (int s = 0; s < means.Length; s++)
                means[s] += margins[(int)(((((long)repeat * means.Length) + s) * targets) + target)] / (double)repeats.Length;
        }
    }

    private static int[] Shuffled(int count, SeededRandom random)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        for (int i = count - 1; i > 0; i--)
        {
            int other = (int)random.Below(i + 1);
            (order[i], order[other]) = (order[other], order[i]);
        }

        return order;
    }
}
