namespace TrakFast.Onnx;

/// <summary>
/// Normalizes groups of channels of each image: [N, C, S…] with one scale and bias for a group before opset 21, for a
/// channel since then.
/// </summary>
internal sealed class GroupNormalization : RowNormalization
{
    private const int FirstForChannels = 21;

    public GroupNormalization(NodeBuilder node)
        : base(node, inputs: 3, optionalInputs: 0)
    {
        Value x = node.Floats(0), scale = node.Floats(1), bias = node.Floats(2);
        long groups = node.Node.Integer("num_groups", 0);
        bool channels = node.Opset >= FirstForChannels;
        if (x.Rank < 2 || groups < 1 || x.Shape[1] % groups != 0)
            throw node.Refuse($"normalizes {x} in {groups} groups; [N, C, S…] and a number that divides C are wanted");
        long parameters = channels ? x.Shape[1] : groups;
        if (Wrong(scale, parameters) || Wrong(bias, parameters))
            throw node.Refuse(
                $"normalizes {x} with {scale} and {bias}; {parameters} numbers, "
                + $"one for each {(channels ? "channel" : "group")}, are wanted");
        for (int axis = 1; axis < x.Rank; axis++) node.RefuseExamples(axis, x);
        long row = Shapes.Count(x.Shape.Skip(1)) / groups;
        Declare(node, x, row, channels ? Shapes.Count(x.Shape.Skip(2)) : row);
    }

    private static bool Wrong(Value parameter, long length) => parameter.Batched || parameter.Rank != 1 || parameter.Shape[0] != length;
}
