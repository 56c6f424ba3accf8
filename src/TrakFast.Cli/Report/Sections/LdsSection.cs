using TrakFast.Cli.Formatting;
using TrakFast.Cli.Report.Charts;
using TrakFast.Cli.Report.Content;
using TrakFast.Cli.Report.Html;

namespace TrakFast.Cli.Report.Sections;

/// <summary>How well the scores predict what retraining does.</summary>
internal static class LdsSection
{
    /// <summary>Anchor of the section.</summary>
    public const string Id = "lds";

    /// <summary>Writes the section; nothing when LDS was not measured.</summary>
    public static Markup Write(ReportModel model)
    {
        if (model.Lds is not { } lds) return Markup.Empty;
        Bar[] bars = [.. lds.Methods.Select(static m => new Bar(m.Name, m.Value, m.Low, m.High, m.IsOwn))];
        string description =
            $"Bars of the LDS of {string.Join(", ", lds.Methods.Select(static m => $"{m.Name} {ScoreText.Decimals(m.Value, 3)}"))}.";
        return Markup.Of($"""
            <section id="{Id}" aria-labelledby="{Id}-title">
            <h2 id="{Id}-title">Linear datamodeling score</h2>
            <p>The LDS says how far the scores can be trusted: it is the rank correlation between what they predict for models retrained on parts of the train set and what those models really do. 1 is perfect, 0 is chance.</p>
            <figure class="card chart">
            {BarChart.Draw(bars, lds.Ceiling, greatest: 1, description)}
            <figcaption>{Caption(lds)}</figcaption>
            </figure>
            {Table(lds)}
            </section>
            """);
    }

    private static Markup Caption(LdsReport lds) => Markup.Of(
        $"""Mean over targets with bootstrap intervals. {(lds.Ceiling is { } ceiling ? Markup.Of($"The dashed line at {ScoreText.Decimals(ceiling, 2)} is the ceiling: retraining is noisy, and no method can be expected to score higher.") : Markup.Empty)} {lds.Protocol}""");

    private static Markup Table(LdsReport lds) => Markup.Of($"""
        <div class="table"><table>
        <caption class="hidden">Linear datamodeling scores</caption>
        <thead><tr><th scope="col">Method</th><th scope="col" class="number">LDS</th><th scope="col" class="number">Interval</th>{(lds.Ceiling is null ? Markup.Empty : Markup.Of($"""<th scope="col" class="number">Of ceiling</th>"""))}</tr></thead>
        <tbody>{lds.Methods.Select(m => Row(m, lds.Ceiling))}</tbody>
        </table></div>
        """);

    private static Markup Row(LdsMethod method, double? ceiling) => Markup.Of(
        $"""<tr{(method.IsOwn ? Markup.Of($""" class="own" """) : Markup.Empty)}><th scope="row">{method.Name}</th><td class="number">{ScoreText.Decimals(method.Value, 3)}</td><td class="number">{ScoreText.Decimals(method.Low, 3)} – {ScoreText.Decimals(method.High, 3)}</td>{OfCeiling(method, ceiling)}</tr>""");

    private static Markup OfCeiling(LdsMethod method, double? ceiling) => ceiling switch
    {
        null => Markup.Empty,
        > 0 => Markup.Of($"""<td class="number">{ScoreText.Decimals(method.Value / ceiling.Value * 100, 0)} %</td>"""),
        _ => Markup.Of($"""<td class="number">–</td>"""),
    };
}
