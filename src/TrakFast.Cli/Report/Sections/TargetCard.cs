using System.Globalization;
using TrakFast.Cli.Formatting;
using TrakFast.Cli.Report.Charts;
using TrakFast.Cli.Report.Content;
using TrakFast.Cli.Report.Html;

namespace TrakFast.Cli.Report.Sections;

/// <summary>One target: what it is, its strongest proponents and opponents, and all its scores.</summary>
internal static class TargetCard
{
    // Characters of a score that fit under the narrowest tile; longer ones, with powers of ten, get wider tiles.
    private const int NarrowScore = 8;

    /// <summary>Anchor of a target's card.</summary>
    public static string IdOf(TargetReport target) => string.Create(CultureInfo.InvariantCulture, $"target-{target.Index}");

    /// <summary>Whether the model is known to be wrong on the target.</summary>
    public static bool IsWrong(TargetReport target) =>
        target is { Label: not null, Prediction: not null } && !string.Equals(target.Label, target.Prediction, StringComparison.Ordinal);

    /// <summary>Style class: right, wrong or unknown.</summary>
    public static string StateOf(TargetReport target) =>
        target is { Label: null } or { Prediction: null } ? "unknown" : IsWrong(target) ? "wrong" : "right";

    /// <summary>Writes the card.</summary>
    public static Markup Write(TargetReport target, bool isOpen) => Markup.Of($"""
        <details class="card target {StateOf(target)}"{(isOpen ? Markup.Of($" open") : Markup.Empty)}>
        <summary>{ExampleView.Thumbnail(target.Content)}<h3>Target {target.Index}</h3>{Said(target)}{ExampleView.Excerpt(target.Content)}</summary>
        <div class="target-body" id="{IdOf(target)}">
        <div class="about{(ExampleView.PictureOf(target.Content) is null ? " wide" : string.Empty)}">
        {ExampleView.Large(target)}
        {Scores(target)}
        </div>
        <div class="examples">
        {Side(target, target.Proponents, "proponent", "Proponents", "▲")}
        {Side(target, target.Opponents, "opponent", "Opponents", "▼")}
        </div>
        </div>
        </details>
        """);

    private static Markup Said(TargetReport target) => Markup.Of(
        $"""<span class="said">{Named("label", target.Label)}{Named("predicted", target.Prediction)}{Verdict(target)}</span>""");

    private static Markup Named(string name, string? value) => value is null
        ? Markup.Empty
        : Markup.Of($"""<span><span class="quiet">{name}</span> <b>{value}</b></span>""");

    private static Markup Verdict(TargetReport target) => StateOf(target) switch
    {
        "right" => Markup.Of($"""<span class="verdict">✓ right</span>"""),
        "wrong" => Markup.Of($"""<span class="verdict">✗ wrong</span>"""),
        _ => Markup.Empty,
    };

    private static Markup Scores(TargetReport target)
    {
        if (target.Distribution is not { } scores) return Markup.Empty;
        double[] marks = [.. target.Proponents.Concat(target.Opponents).Select(static e => e.Score)];
        string description = $"Histogram of the scores of {ScoreText.Count(scores.Total)} training examples for target {target.Index}, "
            + $"from {ScoreText.Signed(scores.Least)} to {ScoreText.Signed(scores.Greatest)}.";
        return Markup.Of($"""
            <figure class="chart">
            {Histogram.Draw(scores, marks, description)}
            <figcaption>Scores of all {ScoreText.Count(scores.Total)} training examples; dots mark those shown. Counts are on a logarithmic scale.</figcaption>
            </figure>
            """);
    }

    private static Markup Side(TargetReport target, IReadOnlyList<ScoredExample> examples, string kind, string heading, string sign)
    {
        if (examples.Count == 0) return Markup.Empty;
        double greatest = target.Proponents.Concat(target.Opponents).Max(static e => Math.Abs(e.Score));
        string layout = examples.Any(static e => ExampleView.PictureOf(e.Content) is null) ? "rows"
            : examples.Any(static e => ExampleView.HasText(e.Content)) ? "pairs"
            : examples.Any(static e => ScoreText.Signed(e.Score).Length > NarrowScore) ? "tiles roomy"
            : "tiles";
        return Markup.Of($"""
            <div><h4 class="{kind}"><span aria-hidden="true">{sign}</span> {heading}</h4>
            <ol class="{layout}">{examples.Select(e => ExampleView.Scored(e, kind, greatest))}</ol></div>
            """);
    }
}
