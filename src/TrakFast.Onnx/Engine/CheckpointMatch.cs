using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>Where a graph's weights are in a checkpoint: by their names, turned by the exporter, or as one that layers share.</summary>
internal sealed class CheckpointMatch
{
    private readonly OnnxGraph _graph;
    private readonly Checkpoint _checkpoint;
    private readonly HashSet<string> _statistics;
    private readonly IReadOnlyDictionary<string, string> _tied;

    /// <summary>Looks for the weights.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="checkpoint">The checkpoint.</param>
    public CheckpointMatch(OnnxGraph graph, Checkpoint checkpoint)
    {
        (_graph, _checkpoint) = (graph, checkpoint);
        for (int i = 0; i < graph.Initializers.Count; i++)
        {
            if (IsWeight(graph.Initializers[i])) Places.Add(graph.Initializers[i].Name, i);
        }

        _statistics = [.. graph.Nodes.Where(static n => n.OpType == "BatchNormalization").SelectMany(static n => n.Inputs.Skip(3))];
        Transposed = FindTransposed();
        _tied = FindTied();
        Known = new HashSet<string>([.. Places.Keys, .. Transposed.Values], StringComparer.Ordinal);
    }

    /// <summary>The graph's weights and their initializers' numbers.</summary>
    public Dictionary<string, int> Places { get; } = new(StringComparer.Ordinal);

    /// <summary>The checkpoint's names of weights that the graph has transposed, by the graph's names.</summary>
    public IReadOnlyDictionary<string, string> Transposed { get; }

    /// <summary>Names that stand for a weight here.</summary>
    public IReadOnlySet<string> Known { get; }

    /// <summary>Whether an array may be replaced: neither whole numbers nor a constant.</summary>
    public static bool IsWeight(Initializer initializer) => initializer.Values.Type.IsFloat() && !initializer.Constant;

    /// <summary>The checkpoint's name of a weight; it need not be there.</summary>
    public string Source(string name) => Transposed.GetValueOrDefault(name, _tied.GetValueOrDefault(name, name));

    /// <summary>Weights without which the network is another one, and that are not there.</summary>
    public IEnumerable<string> Missing() => Places.Keys.Where(name => !_checkpoint.Tensors.ContainsKey(Source(name)) && IsNeeded(name));

    /// <summary>
    /// Whether the network is another one without the checkpoint's own values of an array: a parameter, or a running statistic.
    /// </summary>
    public bool IsNeeded(string name) => _graph.IsParameter(name) || _statistics.Contains(name);

    /// <summary>The checkpoint's names that stand for nothing here.</summary>
    public IEnumerable<string> Extra() => _checkpoint.Tensors
        .Where(t => !Known.Contains(t.Key) && !CheckpointDifferences.IsCounter(t.Key)
            && !CheckpointDifferences.IsTied(_checkpoint, t.Value, Known))
        .Select(static t => t.Key);

    // Weights that the exporter stored transposed and renamed, where the checkpoint holds them as the model had them: by the
    // name of their layer, or because the file holds the same weight under its own name too, as a tied embedding.
    private Dictionary<string, string> FindTransposed()
    {
        Dictionary<string, string> sources = FoldedWeights.Names(_graph)
            .Where(n => !_checkpoint.Tensors.ContainsKey(n.Key) && !Places.ContainsKey(n.Value)
                && _checkpoint.Tensors.TryGetValue(n.Value, out DataArray? array)
                    && array.Shape.SequenceEqual(_graph.Initializers[Places[n.Key]].Values.Shape.Reverse()))
            .ToDictionary(StringComparer.Ordinal);
        foreach ((string name, int place) in Places)
        {
            DataArray values = _graph.Initializers[place].Values;
            if (sources.ContainsKey(name) || _checkpoint.Tensors.ContainsKey(name) || !GeneratedNames.Contains(name)
                || values.Shape.Count != 2 || CheckpointDifferences.IsUniform(values))
                continue;
            string? other = Places.FirstOrDefault(o => _checkpoint.Tensors.TryGetValue(o.Key, out DataArray? array)
                && array.Shape.SequenceEqual(values.Shape.Reverse()) && IsTranspose(values, _graph.Initializers[o.Value].Values)).Key;
            if (other is not null) sources.Add(name, other);
        }

        return sources;
    }

    private static bool IsTranspose(DataArray a, DataArray b)
    {
        if (a.Type != b.Type || !a.Shape.SequenceEqual(b.Shape.Reverse())) return false;
        int size = a.Type.Size(), rows = (int)a.Shape[0], columns = (int)a.Shape[1];
        for (int r = 0; r < rows; r++)
        {
            for (int c = 0; c < columns; c++)
            {
                if (!a.Bytes.Slice(((r * columns) + c) * size, size).SequenceEqual(b.Bytes.Slice(((c * rows) + r) * size, size)))
                    return false;
            }
        }

        return true;
    }

    // Weights that the checkpoint lacks, but that are in the file what another weight is that it has: layers share them, and a
    // checkpoint keeps them once. Arrays of one repeated number are equal without being shared.
    private Dictionary<string, string> FindTied()
    {
        Dictionary<string, string> tied = new(StringComparer.Ordinal);
        foreach ((string name, int place) in Places)
        {
            DataArray values = _graph.Initializers[place].Values;
            if (_checkpoint.Tensors.ContainsKey(name) || CheckpointDifferences.IsUniform(values)) continue;
            string? other = Places.FirstOrDefault(o => _checkpoint.Tensors.ContainsKey(o.Key)
                && CheckpointDifferences.Same(values, _graph.Initializers[o.Value].Values)).Key;
            if (other is not null) tied.Add(name, other);
        }

        return tied;
    }
}
