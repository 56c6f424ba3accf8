using TrakFast.Cli.Formatting;
using TrakFast.Cli.Report.Content;
using TrakFast.Cli.Report.Html;

namespace TrakFast.Cli.Report.Charts;

/// <summary>
/// A histogram of scores: bars left of zero in the opponents' color, right of it in the proponents'. Counts are drawn
/// on a logarithmic scale, because a handful of scores in the tails is what the reader came for.
/// </summary>
internal static class Histogram
{
    private const double BarShare = 0.86;
    private const int AboutTicksAcross = 4;

    /// <summary>Draws the distribution.</summary>
    /// <param name="scores">The distribution.</param>
    /// <param name="marks">Scores to mark with a dot.</param>
    /// <param name="description">What a reader who cannot see the chart is told.</param>
    /// <exception cref="TrakException">A mark is not finite.</exception>
    public static Markup Draw(ScoreDistribution scores, IReadOnlyCollection<double> marks, string description)
    {
        if (marks.Any(static m => !double.IsFinite(m))) throw new TrakException("A score to be marked in a histogram is not finite.");
        if (scores.Counts.Count == 0) return Markup.Of($"""<p class="empty">No scores to show.</p>""");

        Axis across = new(scores.Start, scores.End);
        Axis up = new(0, Height(scores.Counts.Max()));
        IReadOnlyList<double> ticks = NiceScale.Ticks(scores.Start, scores.End, AboutTicksAcross);
        double step = ticks.Count > 1 ? ticks[1] - ticks[0] : 0;
        return Markup.Of($"""
            <svg class="plot histogram" role="img" aria-label="{description}">
            {up.GridWithLabelsLeft(Powers(scores.Counts.Max()), Height, ScoreText.Count)}
            {Bars(scores, across, up)}
            <line class="axis" x1="0" x2="100%" y1="100%" y2="100%"/>
            {Zero(across)}
            {marks.Select(mark => Dot(mark, across))}
            {across.LabelsBelow(ticks, tick => ScoreText.Tick(tick, step))}
            </svg>
            """);
    }

    // log(1 + count) keeps a single score visible and an empty bin empty.
    private static double Height(long count) => Math.Log(1.0 + count);

    // 1, 10, 100, …; at most four of them, so that labels of a small chart stay apart.
    private static IEnumerable<long> Powers(long most)
    {
        int digits = (int)Math.Floor(Math.Log10(most));
        int every = Math.Max(1, (digits + 2) / 3);
        for (int i = 0; i <= digits; i += every) yield return (long)Math.Pow(10, i);
    }

    private static IEnumerable<Markup> Bars(ScoreDistribution scores, Axis across, Axis up)
    {
        double width = 1.0 / scores.Counts.Count;
        for (int i = 0; i < scores.Counts.Count; i++)
        {
            if (scores.Counts[i] == 0) continue;
            double height = up.Fraction(Height(scores.Counts[i]));
            double middle = scores.Start + ((i + 0.5) * scores.Width);
            double left = across.Fraction(middle) - (width * BarShare / 2);
            yield return Markup.Of(
                $"""<rect class="{SideOf(middle)}" x="{Axis.Percent(left)}" y="{Axis.Percent(1 - height)}" width="{Axis.Percent(width * BarShare)}" height="{Axis.Percent(height)}"/>""");
        }
    }

    private static Markup Zero(Axis across) => across is { Low: < 0, High: > 0 }
        ? Markup.Of($"""<line class="zero" x1="{across.X(0)}" x2="{across.X(0)}" y1="0" y2="100%"/>""")
        : Markup.Empty;

    private static Markup Dot(double mark, Axis across) =>
        Markup.Of($"""<circle class="mark {SideOf(mark)}" cx="{across.X(mark)}" cy="100%" r="4"/>""");

    private static string SideOf(double score) => score < 0 ? "opponent" : "proponent";
}
