using TrakFast.Cli.Formatting;
using TrakFast.Cli.Report.Html;

namespace TrakFast.Cli.Report.Charts;

/// <summary>A bar with an interval.</summary>
/// <param name="Name">What it stands for.</param>
/// <param name="Value">Its length.</param>
/// <param name="Low">Lower end of the interval.</param>
/// <param name="High">Upper end of the interval.</param>
/// <param name="IsStrong">Whether it is drawn in color.</param>
internal sealed record Bar(string Name, double Value, double Low, double High, bool IsStrong);

/// <summary>Horizontal bars with their intervals, one under another, and an optional line across them all.</summary>
internal static class BarChart
{
    private const int RowHeight = 46;
    private const int BarTop = 22;
    private const int BarHeight = 14;
    private const int LongestName = 34;

    /// <summary>Draws the bars.</summary>
    /// <param name="bars">The bars, first on top.</param>
    /// <param name="ceiling">Where the line across stands; null for none.</param>
    /// <param name="greatest">The value the chart reaches to the right at least.</param>
    /// <param name="description">What a reader who cannot see the chart is told.</param>
    /// <exception cref="TrakException">A value is not finite.</exception>
    public static Markup Draw(IReadOnlyList<Bar> bars, double? ceiling, double greatest, string description)
    {
        if (bars.Count == 0) return Markup.Of($"""<p class="empty">Nothing to compare.</p>""");
        foreach (Bar bar in bars)
        {
            if (!double.IsFinite(bar.Value + bar.Low + bar.High))
                throw new TrakException($"The bar '{bar.Name}' has a value that is not finite: {bar.Value} in [{bar.Low}, {bar.High}].");
        }

        if (ceiling is { } line && !double.IsFinite(line)) throw new TrakException($"The ceiling of a bar chart is not finite: {line}.");

        double low = Math.Min(0, bars.Min(static b => Math.Min(b.Low, b.Value)));
        double high = Math.Max(bars.Max(static b => Math.Max(b.High, b.Value)), Math.Max(ceiling ?? 0, greatest));
        Axis across = new(low, high > low ? high : low + 1);
        return Markup.Of($"""
            <svg class="plot bars" role="img" height="{bars.Count * RowHeight}" aria-label="{description}">
            {Grid(across)}
            {Ceiling(across, ceiling)}
            {bars.Select((bar, i) => Row(bar, i * RowHeight, across))}
            </svg>
            """);
    }

    private static Markup Grid(Axis across)
    {
        IReadOnlyList<double> ticks = NiceScale.Ticks(across.Low, across.High, 5);
        int decimals = NiceScale.Decimals(ticks.Count > 1 ? ticks[1] - ticks[0] : 1);
        return Markup.Of(
            $"""{ticks.Where(t => t > across.Low).Select(t => Markup.Of($"""<line class="{(t == 0 ? "axis" : "grid")}" x1="{across.X(t)}" x2="{across.X(t)}" y1="0" y2="100%"/>"""))}{across.LabelsBelow(ticks, t => ScoreText.Decimals(t, decimals))}""");
    }

    private static Markup Row(Bar bar, int top, Axis across)
    {
        double left = across.Fraction(Math.Min(0, bar.Value)), right = across.Fraction(Math.Max(0, bar.Value));
        int middle = top + BarTop + (BarHeight / 2);
        string name = bar.Name.Length <= LongestName ? bar.Name : string.Concat(bar.Name.AsSpan(0, LongestName - 1), "…");
        return Markup.Of($"""
            <g class="bar{(bar.IsStrong ? " strong" : string.Empty)}"><title>{bar.Name}</title>
            <text class="name" x="0" y="{top + 14}">{name} <tspan class="value" dx="4">{ScoreText.Decimals(bar.Value, 3)}</tspan></text>
            <rect x="{Axis.Percent(left)}" y="{top + BarTop}" width="{Axis.Percent(right - left)}" height="{BarHeight}" rx="2"/>
            <line class="interval" x1="{across.X(bar.Low)}" x2="{across.X(bar.High)}" y1="{middle}" y2="{middle}"/>
            {Whisker(across.X(bar.Low), middle)}{Whisker(across.X(bar.High), middle)}</g>
            """);
    }

    private static Markup Whisker(string x, int middle) =>
        Markup.Of($"""<line class="interval" x1="{x}" x2="{x}" y1="{middle - 4}" y2="{middle + 4}"/>""");

    private static Markup Ceiling(Axis across, double? ceiling) => ceiling is { } value
        ? Markup.Of($"""<line class="ceiling" x1="{across.X(value)}" x2="{across.X(value)}" y1="0" y2="100%"/><text class="tick" x="{across.X(value)}" y="-6" text-anchor="{(across.Fraction(value) > 0.5 ? "end" : "start")}">ceiling {ScoreText.Decimals(value, 2)}</text>""")
        : Markup.Empty;
}
