namespace TrakFast.Onnx;

/// <summary>Turns Constant nodes into stored arrays.</summary>
internal static class ConstantNodes
{
    public const string OpType = "Constant";

    public static IEnumerable<Initializer> Fold(IEnumerable<GraphNode> nodes) => nodes
        .Where(static n => n.OpType == OpType)
        .Select(static node => node.HasOutput(0)
            ? new Initializer(node.Outputs[0], Value(node), Constant: true)
            : throw node.Wrong("has no output"));

    /// <summary>The array that a node holds.</summary>
    public static DataArray Value(GraphNode node) => node.Attributes.Count == 1
        ? node.Attributes.Single() switch
        {
            { Key: "value", Value: ArrayAttribute a } => a.Value,
            { Key: "value_int", Value: IntegerAttribute a } => DataArray.From([a.Value], []),
            { Key: "value_ints", Value: IntegersAttribute a } => DataArray.From([.. a.Values], a.Values.Count),
            { Key: "value_float", Value: NumberAttribute a } => DataArray.From([a.Value], []),
            { Key: "value_floats", Value: NumbersAttribute a } => DataArray.From([.. a.Values], a.Values.Count),
            _ => throw node.Wrong("holds a value of a kind that is not supported"),
        }
        : throw node.Wrong($"must hold one value; it holds {node.Attributes.Count}");
}
