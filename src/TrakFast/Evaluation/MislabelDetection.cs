namespace TrakFast.Evaluation;

/// <summary>
/// How well a ranking finds wrong labels: examples are inspected from the most suspicious on, and it is counted how many
/// of those truly mislabeled have been found. Equal suspicions are inspected in the order of their index.
/// </summary>
public sealed class MislabelDetection
{
    private readonly int[] _foundAt;
    private readonly int _count;

    private MislabelDetection(int count, int[] foundAt, double rocAuc)
    {
        _count = count;
        _foundAt = foundAt;
        RocAuc = rocAuc;
    }

    /// <summary>
    /// Area under the ROC curve: how often a mislabeled example is more suspicious than a right one, ties counting half
    /// (so that a constant ranking has 0.5, whatever the order of the examples).
    /// </summary>
    public double RocAuc { get; }

    /// <summary>
    /// Area under the curve of the fraction found over the fraction inspected: 0.5 by chance, at most 1 − (share of wrong
    /// labels) / 2.
    /// </summary>
    public double CurveArea => 1 - (_foundAt.Average(static position => position + 0.5) / _count);

    /// <summary>Of as many examples inspected as there are wrong labels, the share that is wrong.</summary>
    public double PrecisionAtMislabeled => (double)Found(_foundAt.Length) / _foundAt.Length;

    /// <summary>Number of wrong labels.</summary>
    public int Mislabeled => _foundAt.Length;

    /// <summary>Ranks examples by suspicion and holds them against the truth.</summary>
    /// <param name="suspicion">[n], higher is more suspicious.</param>
    /// <param name="mislabeled">[n], which labels are wrong; at least one and not all.</param>
    /// <exception cref="ArgumentException">The lists differ in length.</exception>
    /// <exception cref="TrakException">A suspicion is NaN, or no label is wrong, or all are.</exception>
    public static MislabelDetection Compute(ReadOnlySpan<float> suspicion, ReadOnlySpan<bool> mislabeled)
    {
        if (suspicion.Length != mislabeled.Length)
            throw new ArgumentException($"There are {suspicion.Length} suspicions and {mislabeled.Length} truths.", nameof(mislabeled));
        int wrong = mislabeled.Count(true);
        int right = mislabeled.Length - wrong;
        if (wrong == 0 || right == 0)
        {
            throw new TrakException(
                $"{wrong} of {mislabeled.Length} labels are wrong; "
                + "detection needs some that are and some that are not.");
        }

        double[] values = new double[suspicion.Length];
        for (int i = 0; i < values.Length; i++) values[i] = suspicion[i];
        double[] ranks = Spearman.Ranks(values);

        // Mann and Whitney: the rank sum of the wrong ones, less what they would have among themselves.
        double rankSum = 0;
        for (int i = 0; i < ranks.Length; i++) rankSum += mislabeled[i] ? ranks[i] : 0;
        double auc = (rankSum - (wrong * (wrong + 1.0) / 2)) / ((double)wrong * right);

        int[] order = [.. Enumerable.Range(0, values.Length)];
        Array.Sort(order, (a, b) => values[b].CompareTo(values[a]) is var c and not 0 ? c : a.CompareTo(b));
        int[] foundAt = new int[wrong];
        for (int position = 0, found = 0; found < wrong; position++)
        {
            if (mislabeled[order[position]]) foundAt[found++] = position;
        }

        return new MislabelDetection(values.Length, foundAt, auc);
    }

    /// <summary>Wrong labels found when that many examples have been inspected.</summary>
    /// <param name="inspected">From 0 to n.</param>
    public int Found(int inspected)
    {
        int index = Array.BinarySearch(_foundAt, inspected);
        return index < 0 ? ~index : index;
    }

    /// <summary>The curve of the fraction found over the fraction inspected.</summary>
    /// <param name="points">Points from (0, 0) to (1, 1), both included.</param>
    public IReadOnlyList<DetectionPoint> Curve(int points = 101)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(points, 2);
        return [.. Enumerable.Range(0, points).Select(p =>
        {
            int inspected = (int)((long)p * _count / (points - 1));
            return new DetectionPoint((double)inspected / _count, (double)Found(inspected) / Mislabeled);
        })];
    }
}

/// <summary>A point of a detection curve.</summary>
/// <param name="Inspected">Fraction of the examples inspected.</param>
/// <param name="Found">Fraction of the wrong labels found.</param>
public readonly record struct DetectionPoint(double Inspected, double Found);
