namespace TrakFast.Onnx;

/// <summary>Normalises each channel of each image: [N, C, S…] with one scale and bias for a channel.</summary>
internal sealed class InstanceNormalization(GraphNode node) : RowNormalization(node, inputs: 3, optionalInputs: 0)
{
    protected override (long Row, long Run) Sizes(Tensor x, Tensor scale, Tensor? bias)
    {
        if (x.Rank < 3 || Wrong(scale, x) || (bias is not null && Wrong(bias, x)))
            throw Refuse($"normalises {x} with {scale}; [N, C, S…] and one number for each channel are wanted");
        long row = Math.Max(x.Length / Math.Max(x.Shape[0] * x.Shape[1], 1), 1);
        return (row, row);
    }

    private static bool Wrong(Tensor parameter, Tensor x) => parameter.Batched || parameter.Rank != 1 || parameter.Shape[0] != x.Shape[1];
}
