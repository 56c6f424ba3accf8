namespace TrakFast.Onnx;

/// <summary>Normalizations without parameters, put together from reductions.</summary>
internal static class NormalizationByReduction
{
    // Below any length that means something, so that a gradient at 0 stays finite.
    private const float Smallest = 1e-12f;
    private const float SmallestVariance = 1e-18f;

    /// <summary>MeanVarianceNormalization: (x − mean) / √variance over some axes.</summary>
    public static IReadOnlyList<GraphNode> MeanAndVariance(NodeBuilder node)
    {
        node.Expect(1, 0, severalOutputs: false);
        long[] axes = [.. node.Node.Integers("axes") ?? [0, 2, 3]];
        Lowered lowered = new(node);
        string x = node.Node.Inputs[0], centered = lowered.Add("Sub", [x, Reduction.Add(lowered, node, "ReduceMean", x, axes)]);
        string variance = Reduction.Add(lowered, node, "ReduceMean", lowered.Add("Mul", [centered, centered]), axes);
        lowered.Add("Div", [centered, lowered.Add("Sqrt", [lowered.Add("Add", [variance, lowered.Number(SmallestVariance)])])]);
        return lowered.Finish();
    }

    /// <summary>LpNormalization: x over its length along an axis.</summary>
    public static IReadOnlyList<GraphNode> Length(NodeBuilder node)
    {
        node.Expect(1, 0, severalOutputs: false);
        long p = node.Node.Integer("p", 2);
        if (p is not (1 or 2)) throw node.Refuse($"has p = {p}; 1 or 2 is wanted");
        Lowered lowered = new(node);
        string x = node.Node.Inputs[0],
            length = Reduction.Add(lowered, node, p == 1 ? "ReduceL1" : "ReduceL2", x, node.Node.Integer("axis", -1));
        lowered.Add("Div", [x, lowered.Add("Clip", [length, lowered.Number(Smallest)])]);
        return lowered.Finish();
    }
}
