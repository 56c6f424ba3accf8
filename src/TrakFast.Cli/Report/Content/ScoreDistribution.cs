using System.Numerics.Tensors;
using TrakFast.Cli.Formatting;

namespace TrakFast.Cli.Report.Content;

/// <summary>Scores counted into bins of equal width; zero, where it lies inside, is an edge between two bins.</summary>
/// <param name="Start">Left edge of the first bin.</param>
/// <param name="Width">Width of a bin.</param>
/// <param name="Counts">Scores in each bin.</param>
/// <param name="Least">The least score.</param>
/// <param name="Greatest">The greatest score.</param>
internal sealed record ScoreDistribution(double Start, double Width, IReadOnlyList<long> Counts, double Least, double Greatest)
{
    private const int AboutBins = 48;

    /// <summary>Right edge of the last bin.</summary>
    public double End => Start + (Width * Counts.Count);

    /// <summary>Number of scores.</summary>
    public long Total => Counts.Sum();

    /// <summary>Counts the scores.</summary>
    /// <exception cref="TrakException">A score is not finite.</exception>
    public static ScoreDistribution Of(ReadOnlyMemory<float> scores) => Of([scores]);

    /// <summary>Counts scores that come in pieces; the pieces are gone through twice.</summary>
    /// <exception cref="TrakException">A score is not finite.</exception>
    public static ScoreDistribution Of(IEnumerable<ReadOnlyMemory<float>> pieces)
    {
        (double least, double greatest) = RangeOf(pieces);
        if (least > greatest) return new ScoreDistribution(0, 1, [], 0, 0);

        // Equal scores get one bin about as wide as a tenth of their size.
        double width = greatest > least ? NiceScale.Step(greatest - least, AboutBins) : NiceScale.Step(Math.Abs(greatest), 10);
        double start = Math.Floor(least / width) * width;
        long[] counts = new long[Math.Max(1, checked((int)(Math.Floor((greatest - start) / width) + 1)))];
        foreach (ReadOnlyMemory<float> piece in pieces)
        {
            foreach (float score in piece.Span)
                counts[Math.Clamp((int)((score - start) / width), 0, counts.Length - 1)]++;
        }

        return new ScoreDistribution(start, width, counts, least, greatest);
    }

    private static (double Least, double Greatest) RangeOf(IEnumerable<ReadOnlyMemory<float>> pieces)
    {
        float least = float.PositiveInfinity, greatest = float.NegativeInfinity;
        foreach (ReadOnlyMemory<float> piece in pieces.Where(static p => p.Length > 0))
        {
            least = Math.Min(least, TensorPrimitives.Min(piece.Span));
            greatest = Math.Max(greatest, TensorPrimitives.Max(piece.Span));
            if (!float.IsFinite(least) || !float.IsFinite(greatest))
                throw new TrakException(
                    $"The scores hold values that are not finite (least {least}, greatest {greatest}); they have no distribution to show.");
        }

        return (least, greatest);
    }
}
