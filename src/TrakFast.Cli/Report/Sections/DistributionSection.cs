using TrakFast.Cli.Formatting;
using TrakFast.Cli.Report.Charts;
using TrakFast.Cli.Report.Content;
using TrakFast.Cli.Report.Html;

namespace TrakFast.Cli.Report.Sections;

/// <summary>The scores of all training examples for all targets.</summary>
internal static class DistributionSection
{
    /// <summary>Anchor of the section.</summary>
    public const string Id = "scores";

    /// <summary>Writes the section; nothing without a distribution.</summary>
    public static Markup Write(ReportModel model)
    {
        if (model.Distribution is not { } scores) return Markup.Empty;
        string range = $"from {ScoreText.Signed(scores.Least)} to {ScoreText.Signed(scores.Greatest)}";
        return Markup.Of($"""
            <section id="{Id}" aria-labelledby="{Id}-title">
            <h2 id="{Id}-title">All scores</h2>
            <p>Most training examples matter little to any one target: the story is in the tails.</p>
            <figure class="card chart tall">
            {Histogram.Draw(scores, [], $"Histogram of {ScoreText.Count(scores.Total)} scores {range}.")}
            <figcaption>{ScoreText.Count(scores.Total)} scores, one for each training example and target, {range}. Counts are on a logarithmic scale.</figcaption>
            </figure>
            </section>
            """);
    }
}
