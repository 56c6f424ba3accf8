using TrakFast.Onnx;

namespace TrakFast.Cli.Runs;

/// <summary>Which of a model's arrays are its parameters, found from a list or from the checkpoints, with what to tell of it.</summary>
internal sealed class ParameterSearch
{
    private readonly List<string> _lines = [];
    private readonly List<string> _warnings = [];

    private ParameterSearch(OnnxGraph graph) => Graph = graph;

    /// <summary>The graph with the parameters found.</summary>
    public OnnxGraph Graph { get; private set; }

    /// <summary>What to say before the run.</summary>
    public IReadOnlyList<string> Lines => [.. _lines, .. UntrainedLines.Of(Graph.Untrained), .. _warnings];

    /// <summary>Looks at the list, where there is one, and at each checkpoint once.</summary>
    /// <param name="graph">The model.</param>
    /// <param name="list">The file of <c>--parameters</c>, or null.</param>
    /// <param name="checkpoints">Checkpoints by their model ids; one is read at a time.</param>
    /// <exception cref="TrakException">The list cannot be read or fits nothing, or a checkpoint does not fit the model.</exception>
    public static ParameterSearch Of(OnnxGraph graph, string? list, IReadOnlyList<(int ModelId, Func<Checkpoint> Load)> checkpoints)
    {
        ParameterSearch search = new(graph);
        if (list is not null) search.Take(TrainedParameters.Named(graph, ParameterNames.Read(list), Path.GetFileName(list)), list);
        Dictionary<string, int> known = new(StringComparer.Ordinal);
        using TrainedSearch trained = new(search.Graph);
        foreach ((int modelId, Func<Checkpoint> load) in checkpoints)
        {
            // The mean over a checkpoint and itself is that checkpoint's.
            string hash = trained.Add(load());
            if (!known.TryAdd(hash, modelId))
                search._warnings.Add(
                    $"Warning: models {known[hash]} and {modelId} have the same weights, so their mean counts one checkpoint twice.");
        }

        if (list is null) search.Graph = trained.Result();
        if (trained.PassedOver.Count > 0)
            search._lines.Add(
                "The checkpoints hold what the model does not have or want, and it is passed over: "
                + $"{UntrainedLines.Names([.. trained.PassedOver.Order(StringComparer.Ordinal)])}.");
        return search;
    }

    private void Take(NamedParameters named, string list)
    {
        Graph = named.Graph;
        if (named.Change is not null) _lines.Add($"The model has the names of {list} {named.Change}.");
        if (named.Missing.Count > 0)
            _lines.Add(
                $"{list} names what the model has no gradient for (tied, unused or renamed): {UntrainedLines.Names(named.Missing)}.");
        if (named.Merged.Count > 0)
            _lines.Add($"Taken as parameters that the exporter made of others: {UntrainedLines.Names(named.Merged)}.");
    }
}
