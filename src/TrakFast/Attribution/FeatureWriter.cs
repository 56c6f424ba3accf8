using TrakFast.Kernels;

namespace TrakFast;

/// <summary>
/// Takes batches to rows of the store. While a device works on one batch, the rows of the batch before are written: they are
/// pending until then, and durable at the store's next commit.
/// </summary>
internal sealed class FeatureWriter
{
    private readonly FeatureExtractor _extractor;
    private readonly ModelOutput _task;
    private readonly TrakOptions _options;
    private PendingRows? _pending;

    public FeatureWriter(FeatureExtractor extractor, ModelOutput task, TrakOptions options) =>
        (_extractor, _task, _options) = (extractor, task, options);

    /// <summary>Whether a row was ever written.</summary>
    public bool HasWritten { get; private set; }

    /// <summary>Rows written so far whose features are all zero.</summary>
    public long ZeroRows { get; private set; }

    /// <summary>Featurizes a batch's examples. Those already done are skipped.</summary>
    /// <param name="pass">Where they go.</param>
    /// <param name="batch">Examples.</param>
    /// <param name="indices">Row of each, [B]; each once.</param>
    public void Add(FeaturePass pass, Batch batch, IReadOnlyList<long> indices)
    {
        // What is pending may be among these.
        if (_pending is { } pending && pending.Rows.Intersect(indices).Any()) Complete();
        long[] wanted = [.. Enumerable.Range(0, batch.Size).Where(b => !pass.Rows.IsDone(indices[b])).Select(static b => (long)b)];
        if (wanted.Length == 0) return;
        if (wanted.Length < batch.Size)
        {
            if (pass.IsTraining && _task.ReadsWholeBatch)
                throw new InputException(
                    $"{batch.Size - wanted.Length} of the {batch.Size} examples of a batch are done already, "
                    + $"{pass.ExampleWord} {indices.First(pass.Rows.IsDone)} among them, and the task's Q depends on the whole batch; "
                    + "give the same batches as before.");
            batch = batch.Rows(wanted);
        }

        long[] rows = [.. wanted.Select(b => indices[(int)b])];
        if (pass.IsTraining) batch = batch.AsTraining(rows);
        Projection projection = new(
            _options.Projection, checked((int)pass.Rows.Width(0)), _options.Seed, (uint)pass.ModelId, _options.Sparsity);
        FeatureBatch next = _extractor.Start(batch, projection, pass.IsTraining, b => $"{pass.ExampleWord} {rows[b]}");
        (PendingRows? before, _pending) = (_pending, new PendingRows(pass.Rows, rows, next));
        Write(before);
        if (next.IsComplete) Complete();
    }

    /// <summary>Writes what is pending.</summary>
    public void Complete()
    {
        (PendingRows? pending, _pending) = (_pending, null);
        Write(pending);
    }

    private void Write(PendingRows? pending)
    {
        if (pending is null) return;
        using FeatureBatch features = pending.Features;
        Span<float> values = features.Take();
        int width = values.Length / pending.Rows.Length;
        for (int row = 0; row < pending.Rows.Length; row++)
        {
            if (!values.Slice(row * width, width).ContainsAnyExcept(0f)) ZeroRows++;
        }

        pending.Target.Write(0, pending.Rows, values);
        if (features.OutToLoss.Length > 0) pending.Target.Write(1, pending.Rows, features.OutToLoss);
        pending.Target.Mark(pending.Rows);
        HasWritten = true;
        TrakMetrics.Examples.Add(pending.Rows.Length);
    }

    /// <summary>Features that a device may still be working on, and the rows that they go to.</summary>
    private sealed record PendingRows(MarkedRows Target, long[] Rows, FeatureBatch Features);
}
