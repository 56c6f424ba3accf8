namespace TrakFast.Onnx;

/// <summary>
/// Operators that are others put together: each is replaced by simpler nodes once the shapes of its inputs are known, so
/// that what those nodes know of gradients, blocks and examples holds for it too.
/// </summary>
internal static class Lowering
{
    public static bool Knows(string type) => Find(type) is not null;

    /// <summary>The simpler nodes in order, the last of which makes the node's output; null where the node runs as it is.</summary>
    public static IReadOnlyList<GraphNode>? Of(NodeBuilder node) => Find(node.Node.OpType)?.Invoke(node);

    private static Func<NodeBuilder, IReadOnlyList<GraphNode>?>? Find(string type) => type switch
    {
        "Einsum" => Einsum.Lower,
        "LayerNormalization" or "RMSNormalization" => RepeatedParameters.Lower,
        "MeanVarianceNormalization" => NormalizationByReduction.MeanAndVariance,
        "LpNormalization" => NormalizationByReduction.Length,
        "LpPool" => LpPooling.Windows,
        "GlobalLpPool" => LpPooling.Global,
        "Col2Im" => Col2Im.Lower,
        "Sum" => Variadic.Sum,
        "Mean" => Variadic.Mean,
        "Max" or "Min" => Variadic.Extreme,
        "BatchNormalization" => BatchNormalization.Lower,
        _ => null,
    };
}
