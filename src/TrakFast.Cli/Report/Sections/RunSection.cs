using System.Globalization;
using TrakFast.Cli.Formatting;
using TrakFast.Cli.Report.Content;
using TrakFast.Cli.Report.Html;

namespace TrakFast.Cli.Report.Sections;

/// <summary>What was run, and where the time went.</summary>
internal static class RunSection
{
    /// <summary>Anchor of the section.</summary>
    public const string Id = "run";

    /// <summary>Writes the section.</summary>
    public static Markup Write(ReportModel model) => Markup.Of($"""
        <section id="{Id}" aria-labelledby="{Id}-title">
        <h2 id="{Id}-title">Run</h2>
        <dl class="card facts">{Facts(model.Run)}</dl>
        {Checkpoints(model.Run)}
        {Phases(model.Phases)}
        </section>
        """);

    private static IEnumerable<Markup> Facts(RunFacts run)
    {
        KeyValuePair<string, string>[] facts =
        [
            new("Task", run.Task),
            new("Model", run.Model),
            new("Train size n", ScoreText.Count(run.TrainSize)),
            new("Targets m", ScoreText.Count(run.TargetCount)),
            new("Projection", run.Projection),
            new("Projection dimension k", ScoreText.Count(run.ProjectionDimension)),
            new("Lambda λ", run.Lambda),
            new("Weighting", run.Weighting),
            new("Scaling", run.Scaling),
            new("Seed", run.Seed.ToString(CultureInfo.InvariantCulture)),
            new("Engine", run.Engine),
            new("Kernel backend", run.Backend),
            .. run.More,
        ];
        return facts.Select(static f => Markup.Of($"""<div><dt>{f.Key}</dt><dd>{f.Value}</dd></div>"""));
    }

    private static Markup Checkpoints(RunFacts run) => run.Checkpoints.Count == 0
        ? Markup.Empty
        : Markup.Of($"""
            <details class="card plain"><summary>{ScoreText.Count(run.Checkpoints.Count)} {(run.Checkpoints.Count == 1 ? "checkpoint" : "checkpoints")}</summary>
            <ul class="files">{run.Checkpoints.Select(static c => Markup.Of($"""<li>{c}</li>"""))}</ul></details>
            """);

    private static Markup Phases(IReadOnlyList<PhaseTiming> phases) => phases.Count == 0
        ? Markup.Empty
        : Markup.Of($"""
            <h3 class="sub">Where the time went</h3>
            <div class="table"><table>
            <caption class="hidden">Time of each phase</caption>
            <thead><tr><th scope="col">Phase</th><th scope="col" class="number">Time</th><th scope="col" class="number">Share</th><th scope="col" class="number">Examples/s</th></tr></thead>
            <tbody>{phases.Select(p => Row(p, phases.Sum(static q => q.Seconds)))}</tbody>
            </table></div>
            """);

    private static string Share(double seconds, double total) => (seconds / total) switch
    {
        double.NaN => "–",
        > 0 and < 0.005 => "< 1 %",
        double share => ScoreText.Decimals(share * 100, 0) + " %",
    };

    private static Markup Row(PhaseTiming phase, double total) => Markup.Of(
        $"""<tr><th scope="row">{phase.Name}</th><td class="number">{DurationText.Of(phase.Seconds)}</td><td class="number">{Share(phase.Seconds, total)}</td><td class="number">{(phase is { Examples: { } examples, Seconds: > 0 } ? ScoreText.Count((long)Math.Round(examples / phase.Seconds)) : "–")}</td></tr>""");
}
