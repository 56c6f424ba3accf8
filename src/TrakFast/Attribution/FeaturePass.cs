namespace TrakFast;

/// <summary>One pass over the training set, or over an experiment's targets, under one checkpoint.</summary>
internal sealed class FeaturePass : IDisposable
{
    private long _next;

    /// <summary>Starts at the first row.</summary>
    /// <param name="rows">Where features go.</param>
    /// <param name="modelId">The checkpoint's id.</param>
    /// <param name="experiment">The experiment, or null for the training set.</param>
    public FeaturePass(MarkedRows rows, int modelId, string? experiment)
    {
        (Rows, ModelId, Experiment) = (rows, modelId, experiment);
        ExampleWord = experiment is null ? "training example" : "target";
        Phase = experiment is null ? "featurize" : "score";
    }

    /// <summary>Where features go.</summary>
    public MarkedRows Rows { get; }

    /// <summary>The checkpoint's id.</summary>
    public int ModelId { get; }

    /// <summary>The experiment, or null for the training set.</summary>
    public string? Experiment { get; }

    /// <summary>Whether training examples are featurized, whose Q is wanted.</summary>
    public bool IsTraining => Experiment is null;

    /// <summary>What errors call an example.</summary>
    public string ExampleWord { get; }

    /// <summary>What progress calls the pass.</summary>
    public string Phase { get; }

    /// <summary>How far the pass is.</summary>
    public TrakProgress Progress => new(Phase, Rows.DoneCount, Rows.Rows);

    /// <summary>The indices of the next batch in sequence.</summary>
    public IReadOnlyList<long> Next(Batch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (_next + batch.Size > Rows.Rows) throw TooMany(_next + batch.Size, Rows.Rows);
        return ExampleIndices.All.Slice(Rows.Rows, _next, batch.Size);
    }

    /// <summary>Says which example the next batch in sequence begins with; a batch that failed may be given again.</summary>
    public void MoveTo(long next) => _next = next;

    /// <summary>Says that the next batch in sequence is in.</summary>
    public void Advance(Batch batch) => _next += batch.Size;

    /// <summary>The given indices, checked.</summary>
    public IReadOnlyList<long> At(Batch batch, IReadOnlyList<long> indices)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(indices);
        if (indices.Count != batch.Size)
            throw new InputException($"The batch has {batch.Size} examples and {indices.Count} indices came with it.");
        Check(indices, "batch");
        return indices;
    }

    /// <summary>Refuses indices that there are not, or that come twice.</summary>
    /// <param name="indices">The indices.</param>
    /// <param name="what">What gives them.</param>
    public void Check(IEnumerable<long> indices, string what)
    {
        HashSet<long> seen = [];
        foreach (long index in indices)
        {
            if (index < 0 || index >= Rows.Rows)
                throw new InputException($"There is no {ExampleWord} {index}; there are {Rows.Rows}, numbered from 0.");
            if (!seen.Add(index)) throw new InputException($"The {what} gives {ExampleWord} {index} twice.");
        }
    }

    /// <summary>The error of more examples than there are rows for.</summary>
    public InputException TooMany(long given, long promised) =>
        new($"{given} examples were given in sequence; {promised} {ExampleWord}s were promised.");

    /// <inheritdoc/>
    public void Dispose() => Rows.Dispose();
}
