using TrakFast.Cli.Arguments;
using TrakFast.Cli.Consoles;
using TrakFast.Cli.Formatting;
using TrakFast.Datasets;
using TrakFast.Onnx;

namespace TrakFast.Cli.Data;

/// <summary>The training examples and the targets of a command, opened; what goes where is worked out and printed.</summary>
internal sealed class ExampleSets : IDisposable
{
    private const int ListedRows = 20;

    private ExampleSets(ExampleSet train, ExampleSet target) => (Train, Target) = (train, target);

    /// <summary>The training examples.</summary>
    public ExampleSet Train { get; }

    /// <summary>The targets.</summary>
    public ExampleSet Target { get; }

    /// <summary>Where the training examples came from.</summary>
    public required KeptSet KeptTrain { get; init; }

    /// <summary>Where the targets came from.</summary>
    public required KeptSet KeptTarget { get; init; }

    /// <summary>Opens both sets.</summary>
    /// <param name="train">The training examples.</param>
    /// <param name="target">The targets.</param>
    /// <param name="choice">How rows become examples.</param>
    /// <param name="graph">The model.</param>
    /// <param name="task">The task's name.</param>
    /// <param name="threads">Threads that decode.</param>
    /// <param name="console">Where the plan is printed.</param>
    /// <param name="cancellationToken">Stops while rows are looked through.</param>
    /// <exception cref="TrakException">Something cannot be read, or has no place.</exception>
    public static async Task<ExampleSets> OpenAsync(
        ExampleFiles train, ExampleFiles target, DataChoice choice, OnnxGraph graph, string task, int threads,
        ToolConsole console, CancellationToken cancellationToken)
    {
        RowSource? trainRows = null, targetRows = null;
        try
        {
            if (train.Sources.Count > 0) trainRows = RowSources.Open(train.Sources);
            if (target.Sources.Count > 0) targetRows = RowSources.Open(target.Sources);
            IReadOnlyList<ExampleField> fields = [];
            DataOptions options = new();
            if ((trainRows ?? targetRows) is { } first)
            {
                options = choice.ToOptions();
                if (choice.Overlap is { } overlap)
                {
                    trainRows = trainRows is null ? null : ChunkedSource.Of(trainRows, options, overlap);
                    targetRows = targetRows is null ? null : ChunkedSource.Of(targetRows, options, overlap);
                    first = (trainRows ?? targetRows)!;
                }

                ModelInput[] inputs = [.. graph.Inputs.Select(static i => new ModelInput(i.Name, i.Type, i.Shape))];
                ExamplePlan plan = await Task.Run(
                    () => ExamplePlan.Make(inputs, TaskLabels.Of(task), first, trainRows is null ? null
                        : targetRows, options, cancellationToken), cancellationToken)
                    .ConfigureAwait(false);
                fields = plan.Fields;
                ToolTable table = new("Array", "Made of");
                foreach ((string array, string text) in plan.Lines) table.Add(array, text);
                console.Table(table);
                if (plan.Classes is { AreWords: true, Names: { } names })
                    console.Line($"Classes: {string.Join(", ", names.Take(ListedRows).Select(static (n, i) => $"{i} {n}"))}{(names.Count > ListedRows ? $", … {names.Count} in all" : "")}");
                options = options with { LabelNames = options.LabelNames ?? plan.Classes?.Names };
            }

            // A set is its owner's from here on, so the source is not disposed twice.
            (ExampleSet set, KeptSet kept) = await OpenAsync("--train", train, trainRows, fields, options, choice, threads, console,
                cancellationToken).ConfigureAwait(false);
            trainRows = null;
            try
            {
                (ExampleSet other, KeptSet keptOther) = await OpenAsync("--target", target, targetRows, fields, options, choice, threads,
                    console, cancellationToken).ConfigureAwait(false);
                targetRows = null;
                return new ExampleSets(set, other) { KeptTrain = kept, KeptTarget = keptOther };
            }
            catch
            {
                set.Dispose();
                throw;
            }
        }
        finally
        {
            trainRows?.Dispose();
            targetRows?.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Train.Dispose();
        Target.Dispose();
    }

    private static async Task<(ExampleSet Set, KeptSet Kept)> OpenAsync(
        string option, ExampleFiles files, RowSource? rows, IReadOnlyList<ExampleField> fields, DataOptions options, DataChoice choice,
            int threads,
        ToolConsole console, CancellationToken cancellationToken)
    {
        if (rows is null)
        {
            return (NamedFile.Open(files.Arrays), new KeptSet
            {
                Arrays = files.Arrays.ToDictionary(static f => f.Name, static f => Path.GetFullPath(f.Path)),
                LabelNames = choice.LabelNames is null ? null : [.. ClassNames.Read(choice.LabelNames)],
            });
        }

        SourceDatasetOptions threadsOnly = new() { Threads = threads };
        SourceDataset set = new(rows, fields, threadsOnly);
        LeftOut[]? leftOut = null;
        if (choice.SkipBad)
        {
            IReadOnlyList<(long Row, string Reason)> damaged = [];
            await console.RunAsync($"Looking through {option}", rows.Count, "examples", async progress => damaged = await Task.Run(
                () => set.FindDamaged(progress, cancellationToken), cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
            if (damaged.Count == rows.Count) throw new TrakException($"{option}: no example of {rows.Name} can be read. {damaged[0].Reason}");
            if (damaged.Count > 0)
            {
                console.Line($"{option}: {NumberText.Of(damaged.Count)} of {NumberText.Of(rows.Count)} examples cannot be read and are left out:");
                foreach ((long _, string reason) in damaged.Take(ListedRows)) console.Line($"  {reason}");
                if (damaged.Count > ListedRows) console.Line($"  and {NumberText.Of(damaged.Count - ListedRows)} more, which examples.json in the save directory lists");
                leftOut = [.. damaged.Select(static d => new LeftOut(d.Row, d.Reason))];
                set = new SourceDataset(SelectedRows.Without(rows, leftOut.Select(static l => l.Row)), fields, threadsOnly);
            }
        }

        return (set, new KeptSet
        {
            Sources = [.. files.Sources.Select(Path.GetFullPath)],
            Columns = choice.Columns.ToDictionary(static c => c.Key, static c => c.Value.ToArray()),
            LabelNames = options.LabelNames?.ToArray(),
            Template = choice.Template,
            Tokenizer = choice.Overlap is null || choice.Tokenizer is null ? null : Path.GetFullPath(choice.Tokenizer),
            MaxLength = choice.Overlap is null ? null : choice.MaxLength,
            Overlap = choice.Overlap,
            AsStored = choice.AsStored,
            LeftOut = leftOut,
        });
    }
}
