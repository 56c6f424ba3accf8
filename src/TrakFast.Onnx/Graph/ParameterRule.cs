using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>
/// Which stored arrays are parameters, among those from which a gradient flows to an output. ONNX does not say, and
/// exporters store constants in the same way. A constant among the parameters would add coordinates to the gradient that
/// the model does not have, and ask every checkpoint for a value nobody saved. So:
/// 1. What the exporter says of an array holds (newer ones do).
/// 2. An array whose name is the model's own is a parameter.
/// 3. An array whose name the exporter made up is a parameter where a layer reads it as its weight or bias: weights that
///    the exporter transposed, cut or merged lose their names. The vector added to a product with a stored matrix is a
///    layer's bias too; ones as a normalization's scale and zeros as its bias fill in for a layer that has none.
/// 4. Read by something else, as beside an Add, Mul or Where, such an array is a constant, unless it is called
///    <c>onnx::…</c>, <c>val_…</c> or <c>embedding_…</c>: so exporters name what they worked out of stored arrays, nearly
///    always weights (of 340 exported networks some 30 had such weights beside an Add or Mul, 4 such buffers). One number
///    throughout, such as a mask's zeros, is a constant there as well.
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
        return initializers.Where(i => !i.Constant && i.Values.Type.IsFloat()
            && (i.Trained ?? (!GeneratedNames.Contains(i.Name) || rule.IsLayers(i) || IsWorkedOut(i))));
    }

    private static bool IsWorkedOut(Initializer array) =>
        GeneratedNames.IsWorkedOut(array.Name) && !CheckpointDifferences.IsUniform(array.Values);

    private static bool AllAre(DataArray values, float number) =>
        values.Type == ElementType.Float32 ? !values.Values<float>().ContainsAnyExcept(number) : values.ToFloats().All(v => v == number);

    private bool IsLayers(Initializer array)
    {
        // Layers read some weights turned or reshaped.
        HashSet<string> seen = new([array.Name], StringComparer.Ordinal);
        Stack<string> names = new(seen);
        while (names.TryPop(out string? name))
        {
            foreach ((GraphNode node, int input) in _readers[name])
            {
                if (IsWeight(node, input, array.Values) || IsBias(node, input, array.Values)) return true;
                if (input == 0 && node.OpType is "Identity" or "Transpose" or "Reshape" or "Squeeze" or "Unsqueeze" or "Flatten" or "Cast"
                    && node.HasOutput(0) && seen.Add(node.Outputs[0]))
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
        "LayerNormalization" or "GroupNormalization" or "InstanceNormalization" or "RMSNormalization" or "BatchNormalization" =>
            (input == 1 && !AllAre(values, 1)) || (input == 2 && !AllAre(values, 0)),
        _ => false,
    };

    // x·W + b with a stored W [I, O]: b [O].
    private bool IsBias(GraphNode node, int input, DataArray values) =>
        node is { OpType: "Add", Inputs.Count: 2 }
        && _makers.GetValueOrDefault(node.Inputs[1 - input]) is { OpType: "MatMul", Inputs.Count: 2 } product
        && _stored.TryGetValue(product.Inputs[1], out Initializer? weight) && weight.Values.Shape.Count == 2
        && values.Shape.SequenceEqual([weight.Values.Shape[1]]);
}
