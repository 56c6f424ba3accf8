using TrakFast.Cli.Examples;
using TrakFast.Cli.Report.Content;
using TrakFast.Cli.Runs;
using TrakFast.Kernels;

namespace TrakFast.Cli.Report;

/// <summary>Fills a report from a store, its scores and the two sets of examples.</summary>
internal sealed class ReportBuilder
{
    private readonly Scores _scores;
    private readonly ExampleReader _examples;

    /// <summary>Prepares a report.</summary>
    /// <param name="scores">The experiment's scores.</param>
    /// <param name="examples">The training examples and the targets.</param>
    /// <exception cref="TrakException">A set has not as many examples as the scores.</exception>
    public ReportBuilder(Scores scores, ExampleReader examples)
    {
        ScoredSets.CheckTrain(scores, examples.TrainCount);
        ScoredSets.CheckTargets(scores, examples.TargetCount);
        (_scores, _examples) = (scores, examples);
    }

    /// <summary>Sentences on what was shown otherwise than asked, known once the report is built.</summary>
    public IEnumerable<string> Warnings => _examples.Warnings;

    /// <summary>The true label of a training example whose label was changed on purpose, or null.</summary>
    public Func<long, long?> TrueLabel { get; init; } = static _ => null;

    /// <summary>What the model said of a target, or null when it was not asked.</summary>
    public Func<long, long?> Prediction { get; init; } = static _ => null;

    /// <summary>The report of an experiment, with a card for each of the chosen targets.</summary>
    /// <param name="title">Heading.</param>
    /// <param name="facts">What was run.</param>
    /// <param name="targets">Targets to show.</param>
    /// <param name="count">Proponents and opponents of each.</param>
    public ReportModel Build(string title, RunFacts facts, IEnumerable<long> targets, int count) => new()
    {
        Title = title,
        Run = facts,
        Targets = [.. targets.Select(target => Card(target, count))],
        Distribution = ScoreDistribution.Of(Rows()),
    };

    /// <summary>The facts that the store keeps of what made the scores, and the model's name.</summary>
    public static RunFacts Facts(
        TrakStore store, Scores scores, string model, ScoresProvenance made) => new()
        {
            Task = store.TaskName,
            Model = model,
            Checkpoints = [.. made.ModelIds.Select(static id => $"{id}")],
            TrainSize = scores.TrainSize,
            TargetCount = scores.TargetCount,
            ProjectionDimension = store.ProjectionDimension,
            Projection = TrakWords.Projections.Word(store.Projection),
            Lambda = ProvenanceTable.LambdaText(made),
            Weighting = TrakWords.Weightings.Word(made.Weighting),
            Scaling = TrakWords.Scalings.Word(store.Scaling),
            Seed = store.Seed,
            Engine = string.Join(" and ", made.Engines),
            Backend = made.Version.Length == 0 ? "unknown" : $"{made.Backend}, TrakFast {made.Version}",
        };

    private IEnumerable<ReadOnlyMemory<float>> Rows()
    {
        for (long i = 0; i < _scores.TrainSize; i++) yield return _scores.Row(i).ToArray();
    }

    private TargetReport Card(long target, int count)
    {
        float[] scores = _scores.Target(target); // refuses a target that is not there
        ShownExample shown = _examples.Target(target);
        return new TargetReport
        {
            Index = target,
            Content = shown.Content,
            Label = shown.Label,
            Prediction = Prediction(target) is { } predicted ? _examples.LabelName(predicted) : null,
            Proponents = [.. _scores.Top(target, count).Where(static s => s.Score > 0).Select(Shown)],
            Opponents = [.. _scores.Bottom(target, count).Where(static s => s.Score < 0).Select(Shown)],
            Distribution = ScoreDistribution.Of(scores),
        };
    }

    private ScoredExample Shown(TrainScore score)
    {
        (ExampleContent content, string? label) = _examples.Train(score.Index);
        return new ScoredExample(score.Index, score.Score, content, label)
        {
            Flip = label is not null && TrueLabel(score.Index) is { } truth ? new LabelFlip(_examples.LabelName(truth), label) : null,
        };
    }
}
