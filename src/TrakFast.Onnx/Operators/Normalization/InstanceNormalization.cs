namespace TrakFast.Onnx;

/// <summary>Normalizes each channel of each image: [N, C, S…] with one scale and bias for a channel.</summary>
internal sealed class InstanceNormalization : RowNormalization
{
    public InstanceNormalization(NodeBuilder node)
        : base(node, inputs: 3, optionalInputs: 0)
    {
        Value x = node.Floats(0), scale = node.Floats(1), bias = node.Floats(2);
        if (x.Rank < 3 || Wrong(scale, x) || Wrong(bias, x))
            throw node.Refuse($"normalizes {x} with {scale} and {bias}; [N, C, S…] and one number for each channel are wanted");
        for (int axis = 1; axis < x.Rank; axis++) node.RefuseExamples(axis, x);
        long row = Shapes.Count(x.Shape.Skip(2));
        Declare(node, x, row, row);
    }

    private static bool Wrong(Value parameter, Value x) => parameter.Batched || parameter.Rank != 1 || parameter.Shape[0] != x.Shape[1];
}
