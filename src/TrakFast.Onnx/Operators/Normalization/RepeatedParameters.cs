namespace TrakFast.Onnx;

/// <summary>
/// Scales and biases of a normalization over trailing axes that are repeated along some of them: they are expanded to
/// those axes' shape first.
/// </summary>
internal static class RepeatedParameters
{
    /// <summary>Whether a parameter has a row's shape; leading axes of size 1 change nothing.</summary>
    public static bool Fits(Value parameter, long[] row) =>
        parameter.Shape.SkipWhile(static s => s == 1).SequenceEqual(row.SkipWhile(static s => s == 1));

    /// <summary>The expanded parameters and the node itself; null where nothing is to be expanded.</summary>
    public static IReadOnlyList<GraphNode>? Lower(NodeBuilder node)
    {
        GraphNode source = node.Node;
        if (node.InputCount < 2 || !node.Has(0) || node.Peek(0) is not { Rank: > 0 } x || source.Outputs.Count != 1) return null;
        long[] row = x.Shape[node.Axis(source.Integer("axis", -1), x.Rank)..];
        string[] inputs = [.. source.Inputs];
        Lowered lowered = new(node);
        bool changed = false;
        for (int i = 1; i < inputs.Length; i++)
        {
            if (!node.Has(i) || node.Peek(i).Batched || Fits(node.Peek(i), row) || !Repeats(node.Peek(i).Shape, row)) continue;
            inputs[i] = lowered.Add("Expand", [inputs[i], lowered.Integers(row)]);
            changed = true;
        }

        if (!changed) return null;
        lowered.Add(source.OpType, inputs, [.. source.Attributes]);
        return lowered.Finish();
    }

    private static bool Repeats(long[] shape, long[] row) =>
        shape.Length <= row.Length && shape.Zip(row.Skip(row.Length - shape.Length)).All(static p => p.First == 1 || p.First == p.Second);
}
