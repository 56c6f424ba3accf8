using TrakFast.Cli.Report.Pictures;
using TrakFast.Kernels;

namespace TrakFast.Cli.Report;

/// <summary>Fills a report from a store, its scores and the two sets of examples.</summary>
internal sealed class ReportBuilder
{
    // A range for all pictures is read off this many of them; a set is shown alike, not scanned whole.
    private const int RangeExamples = 1024;
    private readonly Scores _scores;
    private readonly NpyDataset _train;
    private readonly NpyDataset _targets;
    private readonly string _label;
    private readonly string _shown;
    private readonly PixelRange _range;

    /// <summary>Prepares a report.</summary>
    /// <param name="scores">The experiment's scores.</param>
    /// <param name="train">The training examples.</param>
    /// <param name="targets">The targets.</param>
    /// <param name="label">Name of the array of labels, if the sets have it.</param>
    /// <exception cref="TrakException">A set has not as many examples as the scores, or nothing to show.</exception>
    public ReportBuilder(Scores scores, NpyDataset train, NpyDataset targets, string label)
    {
        if (train.Count != scores.TrainSize) throw new TrakException($"--train has {train.Count} examples; the scores are of {scores.TrainSize}.");
        if (targets.Count != scores.TargetCount) throw new TrakException($"--target has {targets.Count} examples; the scores are of {scores.TargetCount}.");
        (_scores, _train, _targets, _label) = (scores, train, targets, label);
        _shown = train.Names.FirstOrDefault(name => name != label && targets.Names.Contains(name))
            ?? throw new TrakException($"--train and --target share no array beside '{label}', so there is nothing to show; --train has {string.Join(", ", train.Names)}.");
        _range = PixelRange.Of(train.Read(0, Math.Min(train.Count, RangeExamples))[_shown]);
    }

    /// <summary>What a label is called; its number unless set.</summary>
    public Func<long, string> LabelName { get; init; } = static label => $"{label}";

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

    /// <summary>The facts that the store keeps, with those it does not.</summary>
    public static RunFacts Facts(TrakStore store, Scores scores, string model, IReadOnlyList<string> checkpoints, string engine, string backend)
    {
        (Lambda Lambda, double Absolute, Weighting Weighting)? finalization = store.FinalizationOf(store.ModelIds[0]);
        return new RunFacts
        {
            Task = store.Task,
            Model = model,
            Checkpoints = checkpoints,
            TrainSize = scores.TrainSize,
            TargetCount = scores.TargetCount,
            ProjectionDimension = store.ProjectionDimension,
            Projection = store.Projection,
            Lambda = finalization?.Lambda.ToString() ?? "unknown",
            Weighting = StoreWords.Of(finalization?.Weighting ?? Weighting.Trak),
            Scaling = StoreWords.Of(store.Scaling),
            Seed = store.Seed,
            Engine = engine,
            Backend = backend,
        };
    }

    private IEnumerable<ReadOnlyMemory<float>> Rows()
    {
        for (long i = 0; i < _scores.TrainSize; i++) yield return _scores.Row(i).ToArray();
    }

    private TargetReport Card(long target, int count)
    {
        float[] scores = _scores.Target(target); // refuses a target that is not there
        return new TargetReport
        {
            Index = target,
            Content = Content(_targets, target),
            Label = LabelOf(_targets, target),
            Prediction = Prediction(target) is { } predicted ? LabelName(predicted) : null,
            Proponents = [.. _scores.Top(target, count).Where(static s => s.Score > 0).Select(Shown)],
            Opponents = [.. _scores.Bottom(target, count).Where(static s => s.Score < 0).Select(Shown)],
            Distribution = ScoreDistribution.Of(scores),
        };
    }

    private ScoredExample Shown(TrainScore score)
    {
        string? label = LabelOf(_train, score.Index);
        return new ScoredExample(score.Index, score.Score, Content(_train, score.Index), label)
        {
            Flip = label is not null && TrueLabel(score.Index) is { } truth ? new LabelFlip(LabelName(truth), label) : null,
        };
    }

    private ExampleContent Content(NpyDataset examples, long index) => ExampleContent.OfRow(examples.Read(index, 1)[_shown], 0, _range);

    private string? LabelOf(NpyDataset examples, long index) =>
        examples.Read(index, 1).TryGet(_label, out DataArray? labels) ? LabelName(labels.ToLongs()[0]) : null;
}
