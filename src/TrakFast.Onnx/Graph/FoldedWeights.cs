using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>
/// Finds the state-dict names of weights that the exporter stored transposed under a made-up name. A dense layer on
/// inputs of several axes is written as <c>/layers.0/fc/MatMul</c> with the array <c>onnx::MatMul_123</c> [I, O], then an
/// Add with <c>layers.0.fc.bias</c> [O]. Where the node's path and the bias name the same layer, its weight [O, I] is
/// <c>layers.0.fc.weight</c>. Anything less is not certain, and no name is given. What a file cannot tell is whether the layer
/// did more to its weight than transpose it; layers that do are exported without constant folding.
/// </summary>
internal static class FoldedWeights
{
    private const string Bias = ".bias";

    /// <summary>State-dict names by the arrays' names in the graph.</summary>
    public static IReadOnlyDictionary<string, string> Names(OnnxGraph graph)
    {
        ILookup<string, GraphNode> readers = graph.Nodes
            .SelectMany(static n => n.Inputs.Distinct(StringComparer.Ordinal).Select(i => (Name: i, Node: n)))
            .ToLookup(static r => r.Name, static r => r.Node, StringComparer.Ordinal);
        Dictionary<string, Initializer> stored = graph.Initializers.ToDictionary(static i => i.Name, StringComparer.Ordinal);
        HashSet<string> outputs = [.. graph.Outputs.Select(static o => o.Name)];
        Dictionary<string, string> names = new(StringComparer.Ordinal);

        // Frozen ones too: a checkpoint holds them.
        foreach (Initializer array in graph.Initializers.Where(static i =>
            !i.Constant && i.Values.Type.IsFloat() && i.Values.Shape.Count == 2 && GeneratedNames.Contains(i.Name)))
        {
            string?[] layers = [.. readers[array.Name].Select(n => outputs.Contains(array.Name) ? null : Layer(n, array)).Distinct()];
            if (layers is [{ } layer]) names.Add(array.Name, $"{layer}.weight");
        }

        // Two arrays for one name would mean that the names do not say what they seem to.
        HashSet<string> once = [.. names.Values.GroupBy(static n => n).Where(static g => g.Count() == 1).Select(static g => g.Key)];
        return names.Where(n => once.Contains(n.Value)).ToDictionary(StringComparer.Ordinal);

        string? Layer(GraphNode node, Initializer weight)
        {
            if (node.OpType != "MatMul" || node.Inputs.Count != 2 || node.Inputs[1] != weight.Name
                || node.Inputs[0] == weight.Name || !node.HasOutput(0))
                return null;
            if (outputs.Contains(node.Outputs[0]) || readers[node.Outputs[0]].ToArray() is not [{ OpType: "Add", Inputs.Count: 2 } add])
                return null;
            string bias = add.Inputs[0] == node.Outputs[0] ? add.Inputs[1] : add.Inputs[0];
            return stored.TryGetValue(bias, out Initializer? array) && array.Values.Shape.SequenceEqual([weight.Values.Shape[1]])
                && bias.EndsWith(Bias, StringComparison.Ordinal) && bias[..^Bias.Length] == Scope(node.Name)
                ? bias[..^Bias.Length]
                : null;
        }
    }

    // The path of modules that the node lies in. A container's children repeat its name: /layers/layers.0/fc/MatMul.
    private static string Scope(string node)
    {
        string[] parts = node.Split('/');
        if (parts.Length < 3 || parts[0].Length > 0) return "";
        List<string> scope = [];
        foreach (string part in parts[1..^1])
        {
            if (scope.Count > 0 && part.StartsWith(scope[^1] + ".", StringComparison.Ordinal)) scope[^1] = part;
            else scope.Add(part);
        }

        return string.Join('.', scope);
    }
}
