namespace TrakFast.Onnx;

/// <summary>Operators on any number of values, as chains of those on two.</summary>
internal static class Variadic
{
    /// <summary>Sum.</summary>
    public static IReadOnlyList<GraphNode> Sum(NodeBuilder node)
    {
        Lowered lowered = new(node);
        Chain(lowered, node, "Add");
        return lowered.Finish();
    }

    /// <summary>Mean.</summary>
    public static IReadOnlyList<GraphNode> Mean(NodeBuilder node)
    {
        Lowered lowered = new(node);
        string sum = Chain(lowered, node, "Add");
        lowered.Add("Mul", [sum, lowered.Number(1f / node.InputCount)]);
        return lowered.Finish();
    }

    /// <summary>Max and Min; null where there are two values, which have an operator.</summary>
    public static IReadOnlyList<GraphNode>? Extreme(NodeBuilder node)
    {
        if (node.InputCount == 2) return null;
        Lowered lowered = new(node);
        Chain(lowered, node, node.Node.OpType);
        return lowered.Finish();
    }

    private static string Chain(Lowered lowered, NodeBuilder node, string type)
    {
        node.Expect(Math.Max(node.InputCount, 1), 0, severalOutputs: false);
        string result = lowered.Add("Identity", [node.Node.Inputs[0]]);
        foreach (string next in node.Node.Inputs.Skip(1)) result = lowered.Add(type, [result, next]);
        return result;
    }
}
