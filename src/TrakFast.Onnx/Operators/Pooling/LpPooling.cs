namespace TrakFast.Onnx;

/// <summary>
/// Pools that take the p-norm of what they see: powers, summed by a reduction or by a convolution of each channel with
/// ones, and the root of that.
/// </summary>
internal static class LpPooling
{
    // Below the p-th power of any length that means something, so that the root's gradient stays finite.
    private const float Smallest = 1e-24f;

    /// <summary>GlobalLpPool: over all of a channel.</summary>
    public static IReadOnlyList<GraphNode> Global(NodeBuilder node)
    {
        Value x = Checked(node, out float p);
        Lowered lowered = new(node);
        Root(lowered, p, Reduction.Add(
            lowered, node, "ReduceSum", Power(lowered, p, node.Node.Inputs[0]),
            [.. Enumerable.Range(2, x.Rank - 2).Select(static i => (long)i)]));
        return lowered.Finish();
    }

    /// <summary>LpPool: over windows.</summary>
    public static IReadOnlyList<GraphNode> Windows(NodeBuilder node)
    {
        Value x = Checked(node, out float p);
        long[] kernel = [.. node.Node.Integers("kernel_shape") ?? throw node.Refuse("has no kernel_shape")];
        Lowered lowered = new(node);
        string powers = Power(lowered, p, node.Node.Inputs[0]);
        string ones = lowered.Add(
            "ConstantOfShape",
            [lowered.Integers([x.Shape[1], 1, .. kernel])],
            KeyValuePair.Create<string, AttributeValue>("value", new ArrayAttribute(DataArray.From([1f], 1))));
        Root(
            lowered, p,
            lowered.Add(
                "Conv", [powers, ones],
                [
                    .. node.Node.Attributes.Where(static a => a.Key != "p"),
                    KeyValuePair.Create<string, AttributeValue>("group", new IntegerAttribute(x.Shape[1]))
                ]));
        return lowered.Finish();
    }

    private static Value Checked(NodeBuilder node, out float p)
    {
        node.Expect(1, 0, severalOutputs: false);
        p = node.Node.Integer("p", 2);
        Value x = node.Peek(0);
        if (x.Rank < 3) throw node.Refuse($"reads {x}; [N, C, S…] is wanted");
        return p >= 1 ? x : throw node.Refuse($"has p = {p}; 1 or more is wanted");
    }

    private static string Power(Lowered lowered, float p, string x) => p == 2
        ? lowered.Add("Mul", [x, x])
        : lowered.Add("Pow", [lowered.Add("Abs", [x]), lowered.Number(p)]);

    private static void Root(Lowered lowered, float p, string sum) =>
        lowered.Add("Pow", [lowered.Add("Clip", [sum, lowered.Number(Smallest)]), lowered.Number(1 / p)]);
}
