using TrakFast.Cli.Formatting;
using TrakFast.Cli.Report.Charts;
using TrakFast.Cli.Report.Content;
using TrakFast.Cli.Report.Html;

namespace TrakFast.Cli.Report.Sections;

/// <summary>How fast wrong labels turn up when the train set is inspected in the order of the scores.</summary>
internal static class MislabelSection
{
    /// <summary>Anchor of the section.</summary>
    public const string Id = "mislabels";

    /// <summary>Writes the section; nothing when it was not measured.</summary>
    public static Markup Write(ReportModel model)
    {
        if (model.Mislabel is not { } mislabel) return Markup.Empty;
        Line[] lines =
            [.. mislabel.Curves.Select(static c => new Line(c.Method, [.. c.Points.Select(static p => (p.Inspected, p.Found))]))];
        string description = "Lines of the share of wrong labels found against the share of the train set inspected; areas under them: "
            + $"{string.Join(", ", mislabel.Curves.Select(static c => $"{c.Method} {ScoreText.Decimals(c.Auc, 3)}"))}.";
        return Markup.Of($"""
            <section id="{Id}" aria-labelledby="{Id}-title">
            <h2 id="{Id}-title">Finding wrong labels</h2>
            <p>Someone who inspects the train set from the most suspicious example down finds the wrong labels this fast; the steeper the line, the less there is to inspect.{Wrong(mislabel)}</p>
            <figure class="card chart tall">
            {LineChart.Legend(lines)}
            <p class="axis-title">Wrong labels found</p>
            {LineChart.Draw(lines, description)}
            <p class="axis-title across">Train set inspected</p>
            <figcaption>A method without any knowledge follows the dashed diagonal.</figcaption>
            </figure>
            <div class="table"><table>
            <caption class="hidden">Areas under the detection curves</caption>
            <thead><tr><th scope="col">Method</th><th scope="col" class="number">Area under the curve</th><th scope="col" class="number">Found after 10 %</th></tr></thead>
            <tbody>{mislabel.Curves.Select(Row)}</tbody>
            </table></div>
            </section>
            """);
    }

    private static Markup Wrong(MislabelReport mislabel) => mislabel.WrongLabels is { } wrong
        ? Markup.Of($""" Here {ScoreText.Count(wrong)} labels are wrong.""")
        : Markup.Empty;

    private static Markup Row(DetectionCurve curve) => Markup.Of(
        $"""<tr><th scope="row">{curve.Method}</th><td class="number">{ScoreText.Decimals(curve.Auc, 3)}</td><td class="number">{ScoreText.Decimals(FoundAfter(curve, 0.1) * 100, 0)} %</td></tr>""");

    private static double FoundAfter(DetectionCurve curve, double inspected) =>
        curve.Points.Where(p => p.Inspected <= inspected + 1e-9).Select(static p => p.Found).DefaultIfEmpty(0).Max();
}
