namespace TrakFast.Evaluation;

/// <summary>The margins that retrained models reach: R trainings on each of S subsets, m targets.</summary>
public sealed class RetrainingMargins
{
    private readonly float[] _values;

    /// <summary>Takes over margins.</summary>
    /// <param name="values">[R, S, m].</param>
    /// <param name="repeats">Trainings R on each subset.</param>
    /// <param name="subsets">Number of subsets S.</param>
    /// <param name="targets">Number of targets m.</param>
    /// <exception cref="TrakException">There are more or fewer margins.</exception>
    public RetrainingMargins(float[] values, int repeats, int subsets, int targets)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.LongLength != (long)repeats * subsets * targets)
        {
            throw new TrakException(
                $"There are {values.Length} margins; "
                + $"{Shapes.Text([repeats, subsets, targets])} takes {(long)repeats * subsets * targets}.");
        }

        _values = values;
        (Repeats, Subsets, Targets) = (repeats, subsets, targets);
    }

    /// <summary>Trainings R on each subset.</summary>
    public int Repeats { get; }

    /// <summary>Number of subsets S.</summary>
    public int Subsets { get; }

    /// <summary>Number of targets m.</summary>
    public int Targets { get; }

    /// <summary>All margins, [R, S, m].</summary>
    public ReadOnlySpan<float> Values => _values;

    /// <summary>Margins read from an array or a file.</summary>
    /// <param name="array">[R, S, m], or [S, m] for one training on each subset.</param>
    /// <exception cref="TrakException">The array has another number of axes.</exception>
    public static RetrainingMargins From(DataArray array)
    {
        ArgumentNullException.ThrowIfNull(array);
        IReadOnlyList<long> shape = array.Shape.Count == 2 ? [1, .. array.Shape] : array.Shape;
        if (shape.Count != 3) throw new TrakException($"Margins are {array}, where [R, S, m] or [S, m] is wanted.");
        return new RetrainingMargins(array.ToFloats(), checked((int)shape[0]), checked((int)shape[1]), checked((int)shape[2]));
    }

    /// <summary>The margins as an array [R, S, m], to be written to a file.</summary>
    public DataArray ToArray() => DataArray.From(_values, Repeats, Subsets, Targets);

    /// <summary>Mean over the trainings on each subset: what an LDS is best measured against.</summary>
    /// <returns>[S, m].</returns>
    public float[] Mean()
    {
        float[] mean = new float[Subsets * Targets];
        for (int at = 0; at < mean.Length; at++)
        {
            double sum = 0;
            for (int repeat = 0; repeat < Repeats; repeat++) sum += _values[(repeat * mean.Length) + at];
            mean[at] = (float)(sum / Repeats);
        }

        return mean;
    }

    /// <summary>How reliable the mean is, and the LDS that a perfect predictor would reach.</summary>
    /// <exception cref="TrakException">There are fewer than two trainings on each subset.</exception>
    public SplitHalfReliability Reliability() => SplitHalfReliability.Compute(_values, Repeats, Subsets);
}
