using TrakFast.Cli.Formatting;
using TrakFast.Cli.Report.Html;

namespace TrakFast.Cli.Report.Charts;

/// <summary>A line of a chart, both coordinates between 0 and 1.</summary>
/// <param name="Name">What it stands for.</param>
/// <param name="Points">Its points, from left to right.</param>
internal sealed record Line(string Name, IReadOnlyList<(double X, double Y)> Points);

/// <summary>Lines in the unit square, axes in percent, with a diagonal that stands for chance.</summary>
internal static class LineChart
{
    /// <summary>Colors and dash patterns there are; further lines start again.</summary>
    public const int Styles = 6;

    private const int MostPoints = 400;

    /// <summary>Draws the lines.</summary>
    /// <param name="lines">The lines, first on top of the others.</param>
    /// <param name="description">What a reader who cannot see the chart is told.</param>
    /// <exception cref="TrakException">A coordinate is not a number between 0 and 1.</exception>
    public static Markup Draw(IReadOnlyList<Line> lines, string description)
    {
        if (lines.All(static l => l.Points.Count == 0)) return Markup.Of($"""<p class="empty">Nothing to compare.</p>""");
        foreach (Line line in lines) Check(line);

        Axis unit = new(0, 1);
        double[] ticks = [0, 0.25, 0.5, 0.75, 1];
        return Markup.Of($"""
            <svg class="plot lines" role="img" aria-label="{description}">
            {unit.GridWithLabelsLeft(ticks, static t => t, PercentText)}
            <line class="axis" x1="0" x2="100%" y1="100%" y2="100%"/>
            <svg width="100%" height="100%" viewBox="0 0 100 100" preserveAspectRatio="none" overflow="visible"><polyline class="chance" points="0,100 100,0"/>{lines.Select(Draw).Reverse()}</svg>
            {unit.LabelsBelow(ticks, PercentText)}
            </svg>
            """);
    }

    /// <summary>The names beside samples of their lines.</summary>
    public static Markup Legend(IReadOnlyList<Line> lines) => Markup.Of($"""
        <ul class="legend">{lines.Select(static (line, i) => Markup.Of($"""<li>{Sample($"series s{i % Styles}")}{line.Name}</li>"""))}<li>{Sample("chance")}chance</li></ul>
        """);

    private static Markup Sample(string style) =>
        Markup.Of($"""<svg class="sample" aria-hidden="true"><line class="{style}" x1="0" x2="100%" y1="50%" y2="50%"/></svg>""");

    private static Markup Draw(Line line, int index)
    {
        int every = (line.Points.Count + MostPoints - 1) / MostPoints;
        IEnumerable<string> points = line.Points
            .Where((_, i) => i % Math.Max(every, 1) == 0 || i == line.Points.Count - 1)
            .Select(static p => $"{ScoreText.Invariant(p.X * 100, "0.##")},{ScoreText.Invariant((1 - p.Y) * 100, "0.##")}");
        return Markup.Of($"""<polyline class="series s{index % Styles}" points="{string.Join(' ', points)}"/>""");
    }

    private static void Check(Line line)
    {
        foreach ((double x, double y) in line.Points)
        {
            if (!(x is >= 0 and <= 1 && y is >= 0 and <= 1))
                throw new TrakException($"The line '{line.Name}' has the point ({x}, {y}); both coordinates must lie between 0 and 1.");
        }
    }

    private static string PercentText(double fraction) => ScoreText.Invariant(fraction * 100, "0") + " %";
}
