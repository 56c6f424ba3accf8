using TrakFast.Cli.Formatting;
using TrakFast.Cli.Report.Html;

namespace TrakFast.Cli.Report.Charts;

/// <summary>
/// Positions along one direction of a chart. Charts are drawn in percent of their plot area and text in pixels, so that
/// a chart may be as narrow as a phone and its labels stay readable.
/// </summary>
/// <param name="Low">Value at 0 %.</param>
/// <param name="High">Value at 100 %.</param>
internal readonly record struct Axis(double Low, double High)
{
    /// <summary>Where a value lies, as a fraction of the plot area, kept inside it.</summary>
    public double Fraction(double value) => High > Low ? Math.Clamp((value - Low) / (High - Low), 0, 1) : 0.5;

    /// <summary>Where a value lies from the left, in percent.</summary>
    public string X(double value) => Percent(Fraction(value));

    /// <summary>Where a value lies from the top, in percent.</summary>
    public string Y(double value) => Percent(1 - Fraction(value));

    /// <summary>A fraction as a percentage for an SVG attribute.</summary>
    public static string Percent(double fraction) => ScoreText.Invariant(fraction * 100, "0.###") + "%";

    /// <summary>Labels under the plot area; those at the ends are kept inside it.</summary>
    public Markup LabelsBelow(IEnumerable<double> ticks, Func<double, string> text)
    {
        Axis axis = this;
        return Markup.Join(ticks.Select(tick =>
        {
            double at = axis.Fraction(tick);
            string anchor = at < 0.04 ? "start" : at > 0.96 ? "end" : "middle";
            return Markup.Of($"""<text class="tick" x="{axis.X(tick)}" y="100%" dy="1.75em" text-anchor="{anchor}">{text(tick)}</text>""");
        }));
    }

    /// <summary>Grid lines across the plot area with labels left of it.</summary>
    /// <param name="ticks">What is labeled.</param>
    /// <param name="place">Where a tick stands on this axis.</param>
    /// <param name="text">What a tick is called.</param>
    public Markup GridWithLabelsLeft<T>(IEnumerable<T> ticks, Func<T, double> place, Func<T, string> text)
    {
        Axis axis = this;
        return Markup.Join(ticks.Select(tick =>
        {
            string y = axis.Y(place(tick));
            return Markup.Of($"""<line class="grid" x1="0" x2="100%" y1="{y}" y2="{y}"/><text class="tick" x="-10" y="{y}" dy=".32em" text-anchor="end">{text(tick)}</text>""");
        }));
    }
}
