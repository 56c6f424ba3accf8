namespace TrakFast.Onnx;

/// <summary>
/// Gives arrays of equal values their own places again. Exporters store one of them and let Identity nodes name the
/// others, as in a network that was not trained yet, where all biases are 0; with a checkpoint's weights they differ.
/// Weights that layers share for good are read by those layers without such a node, or, where the exporter worked them
/// out for each layer anew, by a node between two names that it made up.
/// </summary>
internal static class SharedCopies
{
    public static (IReadOnlyList<GraphNode> Nodes, IReadOnlyList<Initializer> Initializers) Separate(
        IReadOnlyList<GraphNode> nodes, IReadOnlyList<GraphValue> outputs, IReadOnlyList<Initializer> initializers)
    {
        Dictionary<string, int> readers = new(StringComparer.Ordinal);
        foreach (string name in nodes.SelectMany(static n => n.Inputs).Concat(outputs.Select(static o => o.Name)))
            readers[name] = readers.GetValueOrDefault(name) + 1;
        ILookup<string, Initializer> stored =
            initializers.Where(static i => !i.Constant).ToLookup(static i => i.Name, StringComparer.Ordinal);
        HashSet<string> wanted = new(outputs.Select(static o => o.Name), StringComparer.Ordinal);
        List<GraphNode> kept = [];
        List<Initializer> all = [.. initializers];
        foreach (GraphNode node in nodes)
        {
            if (node is { OpType: "Identity", Inputs.Count: 1, Outputs.Count: 1 } && node.HasOutput(0) && !wanted.Contains(node.Outputs[0])
                && readers[node.Inputs[0]] > 1 && stored[node.Inputs[0]].FirstOrDefault() is { } source
                && (!GeneratedNames.Contains(node.Outputs[0]) || CheckpointDifferences.IsUniform(source.Values)))
                all.Add(source with { Name = node.Outputs[0] });
            else kept.Add(node);
        }

        return (kept, all);
    }
}
