using System.Globalization;
using TrakFast.Cli.Report.Content;
using TrakFast.Cli.Report.Html;

namespace TrakFast.Cli.Report.Sections;

/// <summary>The chosen targets: a strip to pick one from, then one card each.</summary>
internal static class TargetsSection
{
    /// <summary>Anchor of the section.</summary>
    public const string Id = "targets";

    // More cards than this and the rest start closed, so that the page stays easy to scan.
    private const int OpenCards = 8;

    /// <summary>Writes the section; nothing when no target was chosen.</summary>
    public static Markup Write(ReportModel model)
    {
        if (model.Targets.Count == 0) return Markup.Empty;
        return Markup.Of($"""
            <section id="{Id}" aria-labelledby="{Id}-title">
            <h2 id="{Id}-title">Targets</h2>
            <ul class="reading">
            <li><strong class="proponent">▲ Proponents</strong> are the training examples that pushed the model most toward what it does on the target; their scores are positive.</li>
            <li><strong class="opponent">▼ Opponents</strong> are those that pushed it most the other way; their scores are negative.</li>
            {FlipNote(model)}
            </ul>
            {Filter(model)}
            {Picker(model)}
            {model.Targets.Select(static (target, i) => TargetCard.Write(target, i < OpenCards))}
            </section>
            """);
    }

    private static Markup FlipNote(ReportModel model) =>
        model.Targets.Any(static t => t.Proponents.Concat(t.Opponents).Any(static e => e.Flip is not null))
            ? Markup.Of($"""<li><strong class="flip">⚑ Flipped</strong> marks training examples whose label was changed on purpose before training.</li>""")
            : Markup.Empty;

    // A checkbox and a :has() rule filter the cards; no script is needed.
    private static Markup Filter(ReportModel model) =>
        model.Targets.Any(TargetCard.IsWrong) && !model.Targets.All(TargetCard.IsWrong)
            ? Markup.Of(
                $"""<p class="filter"><label><input type="checkbox" id="only-wrong"> Show only targets the model gets wrong</label></p>""")
            : Markup.Empty;

    private static Markup Picker(ReportModel model) => model.Targets.Count < 2
        ? Markup.Empty
        : Markup.Of($"""<nav class="picker" aria-label="Targets"><ul>{model.Targets.Select(Pick)}</ul></nav>""");

    private static Markup Pick(TargetReport target) => Markup.Of(
        $"""<li class="{TargetCard.StateOf(target)}"><a href="#{TargetCard.IdOf(target)}">{ExampleView.Thumbnail(target.Content)}<span>{target.Label ?? target.Index.ToString(CultureInfo.InvariantCulture)}</span><span class="hidden">, target {target.Index}</span>{(ExampleView.PictureOf(target.Content) is null ? ExampleView.Excerpt(target.Content) : Markup.Empty)}</a></li>""");
}
