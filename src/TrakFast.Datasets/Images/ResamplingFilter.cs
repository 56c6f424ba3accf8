namespace TrakFast.Datasets;

/// <summary>What a new row of pixels takes from an old one: PIL's fixed-point coefficients.</summary>
internal sealed class ResamplingFilter
{
    /// <summary>Bits after the point: what 32 leave for an 8-bit value, a sign and an overshoot.</summary>
    public const int PrecisionBits = 32 - 8 - 2;

    private ResamplingFilter(int taps, int[] first, int[] count, int[] weights) =>
        (Taps, First, Count, Weights) = (taps, first, count, weights);

    /// <summary>Room for coefficients that each new pixel has in <see cref="Weights"/>.</summary>
    public int Taps { get; }

    /// <summary>For each new pixel, the first old one.</summary>
    public int[] First { get; }

    /// <summary>For each new pixel, how many old ones.</summary>
    public int[] Count { get; }

    /// <summary>[new pixels, <see cref="Taps"/>].</summary>
    public int[] Weights { get; }

    /// <summary>Computes the coefficients as PIL's <c>precompute_coeffs</c> and <c>normalize_coeffs_8bpc</c> do.</summary>
    /// <param name="from">Old pixels.</param>
    /// <param name="to">New pixels.</param>
    /// <param name="resampling">How; not <see cref="PictureResampling.Nearest"/>.</param>
    public static ResamplingFilter Create(int from, int to, PictureResampling resampling)
    {
        double scale = (double)from / to, stretch = Math.Max(1, scale), support = Support(resampling) * stretch;
        int taps = ((int)Math.Ceiling(support) * 2) + 1;
        int[] first = new int[to], count = new int[to], weights = new int[checked(to * taps)];
        double[] row = new double[taps];
        for (int i = 0; i < to; i++)
        {
            double center = (i + 0.5) * scale, sum = 0, inverse = 1 / stretch;
            int start = Math.Max(0, (int)(center - support + 0.5));
            int n = Math.Min(from, (int)(center + support + 0.5)) - start;
            for (int k = 0; k < n; k++)
            {
                row[k] = Weight((k + start - center + 0.5) * inverse, resampling);
                sum += row[k];
            }

            for (int k = 0; k < n; k++)
            {
                double weight = (sum != 0 ? row[k] / sum : row[k]) * (1 << PrecisionBits);
                weights[(i * taps) + k] = (int)(weight < 0 ? weight - 0.5 : weight + 0.5);
            }

            (first[i], count[i]) = (start, n);
        }

        return new ResamplingFilter(taps, first, count, weights);
    }

    /// <summary>The bytes that the coefficients of a resize take.</summary>
    /// <param name="from">Old pixels.</param>
    /// <param name="to">New pixels.</param>
    /// <param name="resampling">How.</param>
    public static double Bytes(int from, int to, PictureResampling resampling) =>
        4.0 * to * ((Math.Ceiling(Support(resampling) * Math.Max(1, (double)from / to)) * 2) + 1);

    private static double Support(PictureResampling resampling) => resampling switch
    {
        PictureResampling.Box => 0.5,
        PictureResampling.Bilinear or PictureResampling.Hamming => 1,
        PictureResampling.Bicubic => 2,
        _ => 3,
    };

    private static double Weight(double x, PictureResampling resampling)
    {
        if (resampling == PictureResampling.Box) return x is > -0.5 and <= 0.5 ? 1 : 0;
        if (resampling == PictureResampling.Lanczos) return x is >= -3 and < 3 ? Sinc(x) * Sinc(x / 3) : 0;
        x = Math.Abs(x);
        return resampling switch
        {
            PictureResampling.Bilinear => x < 1 ? 1 - x : 0,
            PictureResampling.Hamming => Hamming(x),
            _ => Bicubic(x),
        };
    }

    private static double Hamming(double x)
    {
        if (x == 0) return 1;
        if (x >= 1) return 0;
        x *= Math.PI;
        return Math.Sin(x) / x * (0.54 + (0.46 * Math.Cos(x)));
    }

    private static double Bicubic(double x)
    {
        const double A = -0.5;
        if (x < 1) return ((((A + 2) * x) - (A + 3)) * x * x) + 1;
        return x < 2 ? ((((x - 5) * x) + 8) * x - 4) * A : 0;
    }

    private static double Sinc(double x)
    {
        if (x == 0) return 1;
        x *= Math.PI;
        return Math.Sin(x) / x;
    }
}
