using TrakFast.Cli.Report.Html;

namespace TrakFast.Cli.Report.Charts;

/// <summary>A histogram of scores: bars left of zero in the opponents' colour, right of it in the proponents'.</summary>
internal static class Histogram
{
    // A bin with a single score among thousands must not vanish.
    private const double LeastHeight = 0.012;
    private const double BarShare = 0.86;
    private const int AboutTicksAcross = 4;
    private const int AboutTicksUp = 2;

    /// <summary>Draws the distribution.</summary>
    /// <param name="scores">The distribution.</param>
    /// <param name="marks">Scores to mark with a pin.</param>
    /// <param name="description">What a reader who cannot see the chart is told.</param>
    /// <exception cref="TrakException">A mark is not finite.</exception>
    public static Markup Draw(ScoreDistribution scores, IReadOnlyCollection<double> marks, string description)
    {
        if (marks.Any(static m => !double.IsFinite(m))) throw new TrakException("A score to be marked in a histogram is not finite.");
        if (scores.Counts.Count == 0) return Markup.Of($"""<p class="empty">No scores to show.</p>""");

        Axis across = new(scores.Start, scores.End);
        long most = scores.Counts.Max();
        Axis up = new(0, most);
        IReadOnlyList<double> ticksUp = [.. NiceScale.Ticks(0, most, AboutTicksUp).Where(static t => t > 0 && t == Math.Floor(t))];
        return Markup.Of($"""
            <svg class="plot histogram" role="img" aria-label="{description}">
            {up.GridWithLabelsLeft(ticksUp, static t => ScoreText.Count((long)t))}
            {Bars(scores, across, most)}
            <line class="axis" x1="0" x2="100%" y1="100%" y2="100%"/>
            {Zero(across)}
            {Pins(marks, across)}
            {across.LabelsBelow(NiceScale.Ticks(scores.Start, scores.End, AboutTicksAcross), ScoreText.Signed)}
            </svg>
            """);
    }

    private static IEnumerable<Markup> Bars(ScoreDistribution scores, Axis across, long most)
    {
        double width = 1.0 / scores.Counts.Count;
        for (int i = 0; i < scores.Counts.Count; i++)
        {
            if (scores.Counts[i] == 0) continue;
            double height = Math.Max((double)scores.Counts[i] / most, LeastHeight);
            double middle = scores.Start + ((i + 0.5) * scores.Width);
            double left = across.Fraction(middle) - (width * BarShare / 2);
            yield return Markup.Of(
                $"""<rect class="{(middle < 0 ? "opponent" : "proponent")}" x="{Axis.Percent(left)}" y="{Axis.Percent(1 - height)}" width="{Axis.Percent(width * BarShare)}" height="{Axis.Percent(height)}"/>""");
        }
    }

    private static Markup Zero(Axis across) => across is { Low: < 0, High: > 0 }
        ? Markup.Of($"""<line class="zero" x1="{across.X(0)}" x2="{across.X(0)}" y1="0" y2="100%"/>""")
        : Markup.Empty;

    private static IEnumerable<Markup> Pins(IEnumerable<double> marks, Axis across) => marks.Select(mark => Markup.Of(
        $"""<g class="pin {(mark < 0 ? "opponent" : "proponent")}"><line x1="{across.X(mark)}" x2="{across.X(mark)}" y1="100%" y2="82%"/><circle cx="{across.X(mark)}" cy="82%" r="3.5"/></g>"""));
}
