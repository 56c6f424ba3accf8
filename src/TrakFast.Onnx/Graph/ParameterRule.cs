using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>
/// Which stored arrays are parameters, among those from which a gradient flows to an output. ONNX does not say, and
/// exporters store constants in the same way. A constant among the parameters would add coordinates to the gradient that
/// the model does not have, and ask every checkpoint for a value nobody saved. So:
/// 1. What the exporter says of an array holds (newer ones do).
/// 2. An array whose name is the model's own is a parameter.
/// 3. An array whose name the exporter made up is a parameter where a layer reads it as its weight or bias: weights that
///    the exporter transposed, cut or merged lose their names. A layer may be written as several nodes: the vector added
///    to a product with a stored matrix, and the scale and shift behind a normalisation, are a layer's too.
/// 4. Any other array under a made-up name, as beside an Add, Mul or Where, is a constant; so are ones as a
///    normalisation's scale and zeros as its bias, which fill in for a layer that has none.
/// </summary>
internal sealed class ParameterRule
{
    private readonly ILookup<string, (GraphNode Node, int Input)> _readers;
    private readonly Dictionary<string, GraphNode> _makers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Initializer> _stored = new(StringComparer.Ordinal);

    private ParameterRule(IReadOnlyList<Initializer> initializers, IReadOnlyList<GraphNode> nodes)
    {
        _readers = nodes
            .SelectMany(static n => n.Inputs.Select((name, input) => (Name: name, Node: n, Input: input)))
            .ToLookup(static r => r.Name, static r => (r.Node, r.Input), StringComparer.Ordinal);
        foreach (GraphNode node in nodes)
        {
            foreach (string output in node.Outputs) _makers[output] = node;
        }

        foreach (Initializer initializer in initializers) _stored[initializer.Name] = initializer;
    }

    /// <summary>The arrays that are parameters if a gradient flows to them.</summary>
    public static IEnumerable<Initializer> Select(IReadOnlyList<Initializer> initializers, IReadOnlyList<GraphNode> nodes)
    {
        ParameterRule rule = new(initializers, nodes);
        return initializers.Where(i => !i.Constant && i.Values.Type.IsFloat() && (i.Trained ?? (!GeneratedNames.Contains(i.Name) || rule.IsLayers(i))));
    }

    private static bool AllAre(DataArray values, float number) => values.ToFloats().All(v => v == number);

    private static bool IsNormalization(string type) =>
        type is "LayerNormalization" or "GroupNormalization" or "InstanceNormalization" or "RMSNormalization" or "BatchNormalization";

    private bool IsLayers(Initializer array)
    {
        // Layers read some weights turned or reshaped.
        HashSet<string> seen = new([array.Name], StringComparer.Ordinal);
        Stack<string> names = new(seen);
        while (names.TryPop(out string? name))
        {
            foreach ((GraphNode node, int input) in _readers[name])
            {
                if (IsWeight(node, input, array.Values) || IsBias(node, input, array.Values) || IsScaleOrShift(node, input, array.Values)) return true;
                if (input == 0 && node.OpType is "Identity" or "Transpose" or "Reshape" or "Squeeze" or "Unsqueeze" or "Flatten" or "Cast" && node.HasOutput(0) && seen.Add(node.Outputs[0]))
                    names.Push(node.Outputs[0]);
            }
        }

        return false;
    }

    private static bool IsWeight(GraphNode node, int input, DataArray values) => node.OpType switch
    {
        "MatMul" or "Gemm" or "Einsum" => true,
        "Conv" or "ConvTranspose" => input is 1 or 2,
        "PRelu" => input == 1,
        "Gather" => input == 0,
        _ when IsNormalization(node.OpType) => (input == 1 && !AllAre(values, 1)) || (input == 2 && !AllAre(values, 0)),
        _ => false,
    };

    // x·W + b with a stored W [I, O]: b [O].
    private bool IsBias(GraphNode node, int input, DataArray values) =>
        Other(node, "Add", input) is { OpType: "MatMul", Inputs.Count: 2 } product
        && _stored.TryGetValue(product.Inputs[1], out Initializer? weight) && weight.Values.Shape.Count == 2
        && values.Shape.SequenceEqual([weight.Values.Shape[1]]);

    // Group normalisation is written as instance normalisation of reshaped values, then · scale + shift by channel.
    private bool IsScaleOrShift(GraphNode node, int input, DataArray values) =>
        (node.OpType == "Mul" && !AllAre(values, 1) && Normalized(node, input) && node.HasOutput(0)
            && _readers[node.Outputs[0]].Any(r => r.Node.OpType == "Add" && r.Node.Inputs.Count == 2 && SameShape(r.Node.Inputs[1 - r.Input], values)))
        || (node.OpType == "Add" && !AllAre(values, 0) && Other(node, "Add", input) is { OpType: "Mul", Inputs.Count: 2 } scaled
            && Enumerable.Range(0, 2).Any(i => SameShape(scaled.Inputs[i], values) && Normalized(scaled, i)));

    private bool SameShape(string name, DataArray values) => _stored.TryGetValue(name, out Initializer? other) && other.Values.Shape.SequenceEqual(values.Shape);

    private bool Normalized(GraphNode node, int input)
    {
        GraphNode? maker = Other(node, "Mul", input);
        if (maker is { OpType: "Reshape" } && maker.HasInput(0)) maker = _makers.GetValueOrDefault(maker.Inputs[0]);
        return maker is not null && IsNormalization(maker.OpType);
    }

    // The node that makes the other one of two operands.
    private GraphNode? Other(GraphNode node, string type, int input) =>
        node.OpType == type && node.Inputs.Count == 2 ? _makers.GetValueOrDefault(node.Inputs[1 - input]) : null;
}
