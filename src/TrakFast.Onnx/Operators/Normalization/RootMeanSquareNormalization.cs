namespace TrakFast.Onnx;

/// <summary>Divides the trailing axes from one on by their root mean square; the scale has their shape.</summary>
internal sealed class RootMeanSquareNormalization : RowNormalization
{
    public RootMeanSquareNormalization(NodeBuilder node)
        : base(node, inputs: 2, optionalInputs: 0, centered: false)
    {
        Value x = node.Floats(0), scale = node.Floats(1);
        int axis = node.Axis(node.Node.Integer("axis", -1), x.Rank);
        for (int i = axis; i < x.Rank; i++) node.RefuseExamples(i, x);
        if (scale.Batched || !RepeatedParameters.Fits(scale, x.Shape[axis..]))
            throw node.Refuse($"normalizes {x} from axis {axis} on with {scale}; a scale of those axes' shape is wanted");
        Declare(node, x, scale.Length, 1);
    }
}
