namespace TrakFast.Onnx;

/// <summary>Reductions as parts of other operators, with the axes where the file's opset has them.</summary>
internal static class Reduction
{
    /// <summary>Adds a reduction that keeps its axes as axes of size 1, and gives its output's name.</summary>
    public static string Add(Lowered lowered, NodeBuilder node, string type, string x, params long[] axes) =>
        node.Opset < (type == "ReduceSum" ? 13 : 18)
            ? lowered.Add(type, [x], KeyValuePair.Create<string, AttributeValue>("axes", new IntegersAttribute(axes)))
            : lowered.Add(type, [x, lowered.Integers(axes)]);
}
