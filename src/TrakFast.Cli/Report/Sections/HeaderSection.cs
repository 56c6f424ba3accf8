using TrakFast.Cli.Formatting;
using TrakFast.Cli.Report.Content;
using TrakFast.Cli.Report.Html;

namespace TrakFast.Cli.Report.Sections;

/// <summary>The top of the report: title, the numbers that say how big the run was, and how to read the rest.</summary>
internal static class HeaderSection
{
    private const string UsualSubtitle = "Which training examples made this model do that, as TRAK scores them.";

    /// <summary>Writes the header.</summary>
    public static Markup Write(ReportModel model) => Markup.Of($"""
        <header class="page-head">
        <p class="brand"><svg viewBox="0 0 24 24" aria-hidden="true"><path class="trace" d="M4 5 L19 12 M4 12 H19 M4 19 L19 12"/><circle class="from weak" cx="4" cy="5" r="2.4"/><circle class="from" cx="4" cy="12" r="2.4"/><circle class="from against" cx="4" cy="19" r="2.4"/><circle class="to" cx="19" cy="12" r="3.4"/></svg>TrakFast <span>attribution report</span></p>
        <h1>{model.Title}</h1>
        <p class="lede">{model.Subtitle ?? UsualSubtitle}</p>
        <dl class="stats">{Stats(model)}</dl>
        <nav class="contents" aria-label="Sections"><ul>{Contents(model)}</ul></nav>
        </header>
        """);

    private static IEnumerable<Markup> Stats(ReportModel model)
    {
        RunFacts run = model.Run;
        yield return Stat("Training examples", ScoreText.Count(run.TrainSize));
        yield return Stat("Targets", ScoreText.Count(run.TargetCount));
        if (run.Checkpoints.Count > 0) yield return Stat("Checkpoints", ScoreText.Count(run.Checkpoints.Count));
        yield return Stat("Projection dimension", ScoreText.Count(run.ProjectionDimension));
        if (model.Lds?.Methods.FirstOrDefault(static m => m.IsOwn) is { } own) yield return Stat("LDS", ScoreText.Decimals(own.Value, 2));
        if (model.Phases.Count > 0) yield return Stat("Total time", DurationText.Of(model.Phases.Sum(static p => p.Seconds)));
    }

    private static Markup Stat(string name, string value) => Markup.Of($"""<div><dt>{name}</dt><dd>{value}</dd></div>""");

    private static IEnumerable<Markup> Contents(ReportModel model)
    {
        if (model.Targets.Count > 0) yield return Link(TargetsSection.Id, "Targets");
        if (model.Distribution is not null) yield return Link(DistributionSection.Id, "All scores");
        if (model.Lds is not null) yield return Link(LdsSection.Id, "LDS");
        if (model.Mislabel is not null) yield return Link(MislabelSection.Id, "Wrong labels");
        yield return Link(RunSection.Id, "Run");
    }

    private static Markup Link(string id, string text) => Markup.Of($"""<li><a href="#{id}">{text}</a></li>""");
}
