namespace TrakFast;

/// <summary>
/// Feeds a pass from a stream of batches: reads the next batch while the present one computes, counts the examples, and refuses
/// more or fewer than were named.
/// </summary>
internal static class FeatureStream
{
    /// <summary>Takes a whole stream.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="writer">Takes the batches.</param>
    /// <param name="batches">The stream.</param>
    /// <param name="examples">Which examples it holds, in its order.</param>
    /// <param name="progress">Told after every batch.</param>
    /// <param name="cancellationToken">Stops between batches; what is done stays done.</param>
    /// <exception cref="InputException">The stream holds more examples than there are, or others than were named.</exception>
    public static async Task RunAsync(
        FeaturePass pass, FeatureWriter writer, IAsyncEnumerable<Batch> batches, ExampleIndices examples,
        IProgress<TrakProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batches);
        long total = pass.Rows.Rows, count = examples.Count(total), position = 0;
        if (examples.IsList) pass.Check(examples.Slice(total, 0, checked((int)count)), "list");
        await using IAsyncEnumerator<Batch> source = batches.GetAsyncEnumerator(cancellationToken);
        Task<Batch?> reading = NextAsync(source);
        try
        {
            while (await reading.ConfigureAwait(false) is { } batch)
            {
                if (position + batch.Size > count) throw pass.TooMany(position + batch.Size, count);
                cancellationToken.ThrowIfCancellationRequested();
                reading = NextAsync(source);
                IReadOnlyList<long> indices = batch.Indices is { } own ? pass.At(batch, own) : examples.Slice(total, position, batch.Size);
                await Task.Run(() => writer.Add(pass, batch, indices), cancellationToken).ConfigureAwait(false);
                position += batch.Size;
                if (examples.AreAll) pass.MoveTo(position);
                progress?.Report(pass.Progress);
            }
        }
        finally
        {
            // An enumerator may only be disposed when it is not reading.
            await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        TrakProgress before = pass.Progress;
        await Task.Run(writer.Complete, cancellationToken).ConfigureAwait(false);
        if (pass.Progress != before) progress?.Report(pass.Progress);
        if (position < count)
            throw new InputException(
                $"The batches held {position} examples, and {count} {pass.ExampleWord}s were {(examples.AreAll ? "promised" : "named")}; "
                + "those that came are done.");
    }

    // A source that reads when it is asked, and not before, would hold the caller up; so it is asked elsewhere.
    private static Task<Batch?> NextAsync(IAsyncEnumerator<Batch> source) =>
        Task.Run(async () => await source.MoveNextAsync().ConfigureAwait(false)
            ? source.Current ?? throw new InputException("The batches hold a null.")
            : null);
}
