namespace TrakFast.Cli.Runs;

/// <summary>Which task <c>trakfast run</c> was asked for, as data.</summary>
internal sealed record TaskPlan
{
    public required string Name { get; init; }

    public float? Temperature { get; init; }

    /// <summary>Train indices to contrast with; empty to draw them.</summary>
    public IReadOnlyList<long> Contrast { get; init; } = [];

    public int? ContrastSize { get; init; }

    public bool QOverBatch { get; init; }

    /// <summary>Makes the task for a training set.</summary>
    /// <param name="train">The training examples, which must outlive the task.</param>
    /// <param name="seed">Draws the contrast set.</param>
    /// <param name="batchSize">Examples that run at once.</param>
    /// <exception cref="TrakException">There is no such task, or the contrast set does not fit the training set.</exception>
    public ModelOutput Create(ExampleSet train, uint seed, int batchSize)
    {
        bool isClip = Name == "clip";
        return Tasks.ByName(Name, new TaskOptions
        {
            Temperature = Temperature,
            Contrast = !isClip ? null
                : Contrast.Count > 0 ? new ContrastSet(Contrast, train.Count, train.Read)
                : ContrastSet.Draw(train.Count, ContrastSize, seed, train.Read),
            ClipBatchSize = isClip && QOverBatch ? batchSize : null,
        });
    }

    /// <summary>What to know before the work starts, in a sentence, or null.</summary>
    /// <exception cref="TrakException">Nothing could come of it.</exception>
    public string? Warning(long trainSetSize, int batchSize) => !QOverBatch ? null
        : batchSize == 1 || trainSetSize == 1
            ? throw new TrakException(
                "Q is taken over batches of one example, which have nothing to contrast with, so every Q would be 0 and every score too; "
                + "use a larger --batch-size, or --clip-q contrast.")
        : trainSetSize % batchSize == 1
            ? $"Warning: the last batch holds training example {trainSetSize - 1} alone, which has nothing to contrast with, "
                + "so its Q and its scores are 0; use another --batch-size, or --clip-q contrast."
        : null;
}
