using TrakFast.Cli.Examples;
using TrakFast.Cli.Report;
using TrakFast.Datasets;

namespace TrakFast.Cli.Data;

/// <summary>
/// The training examples and the targets of a run, opened to be shown: arrays as the model read them, or the rows that people had.
/// </summary>
internal sealed class ShownSets : IDisposable
{
    private readonly ExampleOptions _options;
    private readonly NpyDataset? _trainArrays;
    private readonly NpyDataset? _targetArrays;
    private readonly RowView? _trainRows;
    private readonly RowView? _targetRows;

    private ShownSets(ExampleOptions options, NpyDataset? trainArrays, NpyDataset? targetArrays, RowView? trainRows, RowView? targetRows) =>
        (_options, _trainArrays, _targetArrays, _trainRows, _targetRows) = (options, trainArrays, targetArrays, trainRows, targetRows);

    /// <summary>The training examples' rows, or null.</summary>
    public RowView? TrainRows => _trainRows;

    /// <summary>The targets' rows, or null.</summary>
    public RowView? TargetRows => _targetRows;

    /// <summary>Opens the sets.</summary>
    /// <param name="train">The training examples, or null.</param>
    /// <param name="target">The targets, or null.</param>
    /// <param name="options">How examples are shown.</param>
    /// <exception cref="TrakException">A file is not there any more, or cannot be read.</exception>
    public static ShownSets Open(KeptSet? train, KeptSet? target, ExampleOptions options)
    {
        List<IDisposable> opened = [];
        try
        {
            NpyDataset? trainArrays = Arrays(train), targetArrays = Arrays(target);
            RowView? trainRows = Rows(train), targetRows = Rows(target);
            return new ShownSets(options, trainArrays, targetArrays, trainRows, targetRows);
        }
        catch
        {
            foreach (IDisposable one in opened) one.Dispose();
            throw;
        }

        NpyDataset? Arrays(KeptSet? set)
        {
            if (set?.Arrays is null) return null;
            NpyDataset arrays = NpyDataset.Open(set.Arrays.Select(static a => (a.Key, a.Value)));
            opened.Add(arrays);
            return arrays;
        }

        RowView? Rows(KeptSet? set)
        {
            if (set?.Sources is null) return null;
            RowSource rows = RowSources.Open(set, out DataOptions how);
            opened.Add(rows);
            return new RowView(rows, options.LabelNames is null ? how : how with { LabelNames = ClassNames.Read(options.LabelNames) });
        }
    }

    /// <summary>Refuses sets that hold other data than was scored.</summary>
    /// <exception cref="TrakException">A set does.</exception>
    public void RequireScored(ScoresProvenance made)
    {
        ScoredSets.CheckSame(made, _trainArrays, _targetArrays);
        Same(_trainRows, made.TrainSetId, "--train");
        Same(_targetRows, made.TargetSetId, "--target");

        static void Same(RowView? view, string id, string what)
        {
            string? was = id.Split(' ').FirstOrDefault(static part => part.StartsWith("source=", StringComparison.Ordinal))?[7..];
            if (view is not null && was is not null && view.Source.Fingerprint() is var now && now != was)
                throw new InputException($"{what} holds other data than was scored: {view.Source.Name} has the hash {now}, and the run had {was}.");
        }
    }

    /// <summary>Reads examples for a report.</summary>
    /// <exception cref="TrakException">A set is not known, or one is of arrays and the other of rows, or nothing can be shown.</exception>
    public ExampleReader ToReader() => (_trainRows, _targetRows, _trainArrays, _targetArrays) switch
    {
        ({ } train, { } target, _, _) => new RowExampleReader(train, target),
        (_, _, { } train, { } target) => new ArrayExampleReader(train, target, _options),
        (null, _, null, _) => throw new TrakException("The training examples are not known; name them by --train."),
        (_, null, _, null) => throw new TrakException("The targets are not known; name them by --target."),
        _ => throw new TrakException("--train and --target must be both arrays or both rows to be shown together."),
    };

    /// <summary>Reads examples as lines of text; null where there is nothing to show them by.</summary>
    /// <exception cref="TrakException">A set has not as many examples as the scores, or a file cannot be used.</exception>
    public TopTexts? ToTexts(Scores scores)
    {
        if (_trainRows is { } rows)
        {
            ScoredSets.CheckTrain(scores, rows.Source.Count);
            if (_targetRows is { } target) ScoredSets.CheckTargets(scores, target.Source.Count);
            return new RowTexts(rows, _targetRows);
        }

        return _trainArrays is null ? null : new ArrayTexts(scores, _trainArrays, _targetArrays, _options);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _trainArrays?.Dispose();
        _targetArrays?.Dispose();
        _trainRows?.Source.Dispose();
        _targetRows?.Source.Dispose();
    }
}
