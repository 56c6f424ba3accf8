namespace TrakFast;

/// <summary>The steps of a <see cref="Traker"/> over batches that come from an ordinary sequence.</summary>
public static class TrakerBatches
{
    /// <inheritdoc cref="Traker.FeaturizeAsync(IAsyncEnumerable{Batch}, IProgress{TrakProgress}?, CancellationToken)"/>
    public static Task FeaturizeAsync(
        this Traker traker, IEnumerable<Batch> batches, IProgress<TrakProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        traker.FeaturizeAsync(batches, ExampleIndices.All, progress, cancellationToken);

    /// <inheritdoc cref="Traker.FeaturizeAsync(IAsyncEnumerable{Batch}, ExampleIndices, IProgress{TrakProgress}?, CancellationToken)"/>
    public static Task FeaturizeAsync(
        this Traker traker, IEnumerable<Batch> batches, ExampleIndices examples, IProgress<TrakProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(traker);
        ArgumentNullException.ThrowIfNull(batches);
        return traker.FeaturizeAsync(batches.ToAsyncEnumerable(), examples, progress, cancellationToken);
    }

    /// <inheritdoc cref="Traker.ScoreAsync(IAsyncEnumerable{Batch}, IProgress{TrakProgress}?, CancellationToken)"/>
    public static Task ScoreAsync(
        this Traker traker, IEnumerable<Batch> batches, IProgress<TrakProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        traker.ScoreAsync(batches, ExampleIndices.All, progress, cancellationToken);

    /// <inheritdoc cref="Traker.ScoreAsync(IAsyncEnumerable{Batch}, ExampleIndices, IProgress{TrakProgress}?, CancellationToken)"/>
    public static Task ScoreAsync(
        this Traker traker, IEnumerable<Batch> batches, ExampleIndices examples, IProgress<TrakProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(traker);
        ArgumentNullException.ThrowIfNull(batches);
        return traker.ScoreAsync(batches.ToAsyncEnumerable(), examples, progress, cancellationToken);
    }
}
