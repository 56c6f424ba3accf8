namespace TrakFast.Onnx;

/// <summary>Normalizes the trailing axes from one on; the parameters have their shape.</summary>
internal sealed class LayerNormalization : RowNormalization
{
    public LayerNormalization(NodeBuilder node)
        : base(node, inputs: 2, optionalInputs: 1)
    {
        Value x = node.Floats(0), scale = node.Floats(1);
        int axis = node.Axis(node.Node.Integer("axis", -1), x.Rank);
        for (int i = axis; i < x.Rank; i++) node.RefuseExamples(i, x);
        Value? bias = node.Has(2) ? node.Floats(2) : null;
        long[] row = x.Shape[axis..];
        if (Wrong(scale, row) || (bias is not null && Wrong(bias, row)))
            throw node.Refuse(
                $"normalizes {x} from axis {axis} on with {scale}{(bias is null ? "" : $" and {bias}")}; "
                + "parameters of those axes' shape are wanted");
        Declare(node, x, scale.Length, 1);
    }

    private static bool Wrong(Value parameter, long[] row) => parameter.Batched || !RepeatedParameters.Fits(parameter, row);
}
