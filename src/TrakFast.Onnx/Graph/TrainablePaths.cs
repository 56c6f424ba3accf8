namespace TrakFast.Onnx;

/// <summary>Finds the values from which a gradient path leads to an output.</summary>
internal static class TrainablePaths
{
    /// <summary>Names of those values; which of them are parameters <see cref="ParameterRule"/> says.</summary>
    /// <param name="graph">The graph.</param>
    public static IReadOnlySet<string> Find(OnnxGraph graph)
    {
        HashSet<string> reached = new(graph.Outputs.Select(static o => o.Name), StringComparer.Ordinal);
        foreach (GraphNode node in graph.Nodes.Reverse())
        {
            if (!node.Outputs.Any(reached.Contains)) continue;
            for (int i = 0; i < node.Inputs.Count; i++)
            {
                if (node.HasInput(i) && Carries(node, i)) reached.Add(node.Inputs[i]);
            }
        }

        return reached;
    }

    /// <summary>
    /// Whether a gradient flows from a node's output to this input: not to shapes, axes, indices and masks, and not to
    /// the running statistics of BatchNormalization.
    /// </summary>
    public static bool Carries(GraphNode node, int input) => node.OpType switch
    {
        "Shape" or "Size" or "Mod" or "ConstantOfShape" or "Range" or "ArgMax" or "ArgMin" or "Equal" or "Greater" or "GreaterOrEqual"
            or "Less" or "LessOrEqual" or "Not" or "And" or "Or" or "Xor" or "IsNaN" or "OneHot" => false,
        "IsInf" or "Sign" or "Floor" or "Ceil" or "Round" or "EyeLike" or "Hardmax" => false,
        "BatchNormalization" => input is 0 or 1 or 2,
        "Where" => input is 1 or 2,
        "ScatterND" or "ScatterElements" => input is 0 or 2,
        "Reshape" or "Dropout" or "GatherND" or "CastLike" or "Resize" or "Upsample" or "TopK" or "ReduceMean" or "ReduceSum"
            or "ReduceMax" or "ReduceL2" or "ReduceProd" or "Expand" or "Slice" or "Gather" or "GatherElements"
            or "Unsqueeze" or "Squeeze" or "Clip" or "Split" or "Pad" or "Tile" or "CumSum" or "Trilu" => input == 0,
        "ReduceMin" or "ReduceL1" or "ReduceSumSquare" or "ReduceLogSum" or "ReduceLogSumExp" or "Col2Im" => input == 0,
        _ => true,
    };
}
