using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using TrakFast.Cli.Formatting;
using TrakFast.Cli.Report.Charts;
using TrakFast.Cli.Report.Content;
using TrakFast.Cli.Report.Html;

namespace TrakFast.Cli.Tests.Report;

public sealed partial class ChartTests
{
    private static readonly float[][] Degenerate =
    [
        [0],
        [5, 5, 5],
        [-1e-9f, -1e-9f],
        [1e30f, -1e30f],
        [1e-38f, 2e-38f],
        [float.Epsilon, 0],
        [3, 3.0000002f],
    ];

    [TestCaseSource(nameof(Degenerate))]
    public void AHistogramOfFewOrEqualScoresStaysInsideItsFrame(float[] scores)
    {
        ScoreDistribution distribution = ScoreDistribution.Of(scores);
        Assert.That(distribution.Total, Is.EqualTo(scores.Length));
        AssertInside(Histogram.Draw(distribution, [.. scores.Select(static s => (double)s)], "scores"));
    }

    [Test]
    public void NoScoresAreSaidInWords() =>
        Assert.That(Histogram.Draw(ScoreDistribution.Of(ReadOnlyMemory<float>.Empty), [], "scores").ToString(), Does.Contain("No scores"));

    [Test]
    public void ZeroIsAnEdgeBetweenBins()
    {
        ScoreDistribution scores = ScoreDistribution.Of(new[] { -0.3f, -0.01f, 0.01f, 1.7f });
        double edge = -scores.Start / scores.Width;
        Assert.That(edge, Is.EqualTo(Math.Round(edge)).Within(1e-9));
        Assert.That(scores.Counts.Take((int)Math.Round(edge)).Sum(), Is.EqualTo(2));
    }

    [Test]
    public void PiecesCountLikeTheWhole()
    {
        float[] scores = [.. Enumerable.Range(0, 999).Select(static i => MathF.Sin(i) * i)];
        ScoreDistribution whole = ScoreDistribution.Of(scores);
        ScoreDistribution pieces = ScoreDistribution.Of([scores.AsMemory(0, 400), ReadOnlyMemory<float>.Empty, scores.AsMemory(400)]);
        Assert.That(pieces.Counts, Is.EqualTo(whole.Counts));
    }

    [TestCase(float.NaN)]
    [TestCase(float.PositiveInfinity)]
    public void ScoresThatAreNotFiniteAreRefused(float bad) =>
        Assert.That(() => ScoreDistribution.Of(new[] { 1f, bad, 2f }), Throws.InstanceOf<TrakException>());

    [Test]
    public void BarsMayBeNegativeAndZero() =>
        AssertInside(
            BarChart.Draw([new("a", -0.2, -0.3, -0.1, true), new("b", 0, 0, 0, false), new("c", 0.9, 0.8, 1.2, false)], 0.95, 1, "bars"));

    [Test]
    public void BarsThatAreNotNumbersAreRefused() =>
        Assert.That(
            () => BarChart.Draw([new("a", double.NaN, 0, 1, true)], null, 1, "bars"),
            Throws.InstanceOf<TrakException>().With.Message.Contains("'a'"));

    [Test]
    public void NoBarsAreSaidInWords() => Assert.That(BarChart.Draw([], null, 1, "bars").ToString(), Does.Contain("Nothing to compare"));

    [Test]
    public void LongLinesAreThinnedButKeepTheirEnds()
    {
        (double, double)[] points = [.. Enumerable.Range(0, 100_001).Select(static i => (i / 100_000.0, i / 100_000.0))];
        string svg = LineChart.Draw([new Line("a", points)], "lines").ToString();
        AssertInside(LineChart.Draw([new Line("a", points)], "lines"));
        Assert.That(svg, Does.Contain("points=\"0,100 ").And.Contain(" 100,0\"").And.Length.LessThan(10_000));
    }

    [TestCase(double.NaN, 0.5)]
    [TestCase(0.5, 1.5)]
    public void PointsOutsideTheUnitSquareAreRefused(double x, double y) =>
        Assert.That(() => LineChart.Draw([new Line("a", [(x, y)])], "lines"), Throws.InstanceOf<TrakException>());

    [TestCase(0, 10, 5, new[] { 0.0, 2, 4, 6, 8, 10 })]
    [TestCase(-1, 1, 4, new[] { -1.0, -0.5, 0, 0.5, 1 })]
    [TestCase(3, 3, 4, new[] { 3.0 })]
    public void TicksAreRound(double low, double high, int about, double[] expected) =>
        Assert.That(NiceScale.Ticks(low, high, about), Is.EqualTo(expected).Within(1e-12));

    [Test]
    public void TicksNeverShowANegativeZero() =>
        Assert.That(NiceScale.Ticks(0, 1, 5)[0].ToString(CultureInfo.InvariantCulture), Is.EqualTo("0"));

    [TestCase(0, "0")]
    [TestCase(0.0123456, "+0.0123")]
    [TestCase(-0.00123, "−0.00123")]
    [TestCase(-4.56e-6, "−4.56×10⁻⁶")]
    [TestCase(12.345, "+12.3")]
    [TestCase(12345, "+12,345")]
    [TestCase(-1.5e12, "−1.5×10¹²")]
    public void ScoresHaveASignAndThreeDigits(double value, string expected) => Assert.That(ScoreText.Signed(value), Is.EqualTo(expected));

    // Every position in percent must lie in the frame, and the drawing must be well-formed.
    private static void AssertInside(Markup svg)
    {
        XElement root = XElement.Parse(svg.ToString());
        double[] percents = [.. root.DescendantsAndSelf().Attributes()
            .Where(static a => a.Name.LocalName is not "aria-label")
            .SelectMany(static a => Percent().Matches(a.Value))
            .Select(static m => double.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture))];
        Assert.That(percents, Is.Not.Empty.And.All.InRange(0, 100));
        Assert.That(svg.ToString(), Does.Not.Contain("NaN").And.Not.Contain("∞").And.Not.Contain("Infinity"));
    }

    [GeneratedRegex("(-?[0-9.]+)%")]
    private static partial Regex Percent();
}
