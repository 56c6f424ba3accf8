namespace TrakFast;

/// <summary>One walk over the training set, or over an experiment's targets, under one checkpoint.</summary>
internal sealed class FeaturePass
{
    private long _next;

    /// <summary>Starts at the first row.</summary>
    /// <param name="rows">Where features go.</param>
    /// <param name="experiment">The experiment, or null for the training set.</param>
    /// <param name="exampleWord">What errors call an example.</param>
    public FeaturePass(MarkedRows rows, string? experiment, string exampleWord) =>
        (Rows, Experiment, ExampleWord) = (rows, experiment, exampleWord);

    public MarkedRows Rows { get; }

    public string? Experiment { get; }

    public string ExampleWord { get; }

    /// <summary>The indices of the next batch in sequence.</summary>
    public IReadOnlyList<long> Next(Batch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (_next + batch.Size > Rows.Rows)
            throw new TrakException($"{_next + batch.Size} examples were given in sequence; {Rows.Rows} {ExampleWord}s were promised.");
        long first = _next;
        return [.. Enumerable.Range(0, batch.Size).Select(b => first + b)];
    }

    /// <summary>Says that the next batch is in; one that failed may be given again.</summary>
    public void Advance(Batch batch) => _next += batch.Size;

    /// <summary>The given indices, checked.</summary>
    public IReadOnlyList<long> At(Batch batch, IReadOnlyList<long> indices)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(indices);
        if (indices.Count != batch.Size) throw new TrakException($"The batch has {batch.Size} examples and {indices.Count} indices came with it.");
        HashSet<long> seen = [];
        foreach (long index in indices)
        {
            if (index < 0 || index >= Rows.Rows) throw new TrakException($"There is no {ExampleWord} {index}; there are {Rows.Rows}, numbered from 0.");
            if (!seen.Add(index)) throw new TrakException($"The batch gives {ExampleWord} {index} twice.");
        }

        return indices;
    }
}
