namespace TrakFast;

/// <summary>
/// The training examples that CLIP contrasts every other with, one set for a whole run. Their embeddings depend on the
/// weights and are taken anew for each checkpoint.
/// </summary>
public sealed class ContrastSet
{
    /// <summary>How many examples are drawn unless a number is given; as in MadryLab/trak.</summary>
    public const int DefaultSize = 300;

    // Sets this sequence apart from others of one seed; the letters of "clip".
    private const ulong Stream = 0x636C6970;
    private const int ExamplesAtOnce = 32;
    private readonly Func<IReadOnlyList<long>, Batch> _read;

    /// <summary>Takes the examples of an explicit choice.</summary>
    /// <param name="indices">Train indices, in any order: two or more, each once.</param>
    /// <param name="trainSetSize">Train set size n.</param>
    /// <param name="read">Reads training examples by their indices, such as <see cref="ExampleSet.Read(IReadOnlyList{long})"/>.</param>
    /// <exception cref="InputException">There are fewer than two, one comes twice, or one is out of range.</exception>
    public ContrastSet(IReadOnlyList<long> indices, long trainSetSize, Func<IReadOnlyList<long>, Batch> read)
    {
        ArgumentNullException.ThrowIfNull(indices);
        ArgumentNullException.ThrowIfNull(read);
        if (indices.Count < 2) throw new InputException($"A contrast set has two examples or more; {indices.Count} came.");
        long[] sorted = [.. indices.Order()];
        long wrong = sorted[0] < 0 ? sorted[0] : sorted[^1];
        if (wrong < 0 || wrong >= trainSetSize)
            throw new InputException($"The contrast set names training example {wrong}; there are {trainSetSize}, numbered from 0.");
        for (int i = 1; i < sorted.Length; i++)
        {
            if (sorted[i] == sorted[i - 1]) throw new InputException($"The contrast set names training example {sorted[i]} twice.");
        }

        Indices = sorted;
        _read = read;
    }

    /// <summary>Train indices, ascending.</summary>
    public IReadOnlyList<long> Indices { get; }

    /// <summary>
    /// Draws a set uniformly, without repetition. It is a function of n, the size and the seed alone, so the same whatever
    /// the batches are.
    /// </summary>
    /// <param name="trainSetSize">Train set size n.</param>
    /// <param name="size">Number of examples c, from 2 to n; null for <see cref="DefaultSize"/>, or n where that is less.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="read">Reads training examples by their indices.</param>
    /// <exception cref="InputException">The size is out of range.</exception>
    public static ContrastSet Draw(long trainSetSize, int? size, ulong seed, Func<IReadOnlyList<long>, Batch> read)
    {
        long wanted = size ?? Math.Min(DefaultSize, trainSetSize);
        if (wanted < 2 || wanted > trainSetSize)
            throw new InputException($"A contrast set has between 2 and all {trainSetSize} training examples; {wanted} were asked for.");

        // Floyd's sampling (Bentley and Floyd 1987): as many draws as examples, every set equally likely.
        SeededRandom random = new(seed, Stream);
        HashSet<long> drawn = [];
        for (long last = trainSetSize - wanted; last < trainSetSize; last++)
        {
            long index = random.Below(last + 1);
            drawn.Add(drawn.Contains(index) ? last : index);
        }

        return new ContrastSet([.. drawn], trainSetSize, read);
    }

    /// <summary>The indices as people write them: <c>1-3,7</c>.</summary>
    public override string ToString() =>
        string.Join(',', RowRuns.Of(Indices).Select(static run => run.Count == 1 ? $"{run.Row}" : $"{run.Row}-{run.Row + run.Count - 1}"));

    /// <summary>Runs the set through a model.</summary>
    /// <param name="forward">Runs examples forward, with the weights of a checkpoint.</param>
    /// <returns>Image and text embeddings, each [c, d], in the order of <see cref="Indices"/>.</returns>
    internal (DataArray Images, DataArray Texts) Embed(Func<Batch, ModelResult> forward)
    {
        List<float> images = [], texts = [];
        foreach (long[] rows in Indices.Chunk(ExamplesAtOnce))
        {
            using ModelResult result = forward(_read(rows));
            ClipOutputs outputs = ClipOutputs.Of(result, rows.Length);
            images.AddRange(outputs.Images.ToArray());
            texts.AddRange(outputs.Texts.ToArray());
        }

        return (Matrix(images), Matrix(texts));

        DataArray Matrix(List<float> values) => DataArray.From([.. values], Indices.Count, values.Count / Indices.Count);
    }
}
