using TrakFast.Onnx;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace TrakFast.TorchSharp;

/// <summary>Normalisations. What is normalised is torch's own function where it has one; scales and biases of each example follow.</summary>
internal static class TorchNormalization
{
    public static Tensor Batch(TorchStep step)
    {
        Tensor x = step[0], inverse = (step[4] + step.Node.Number("epsilon", 1e-5f)).rsqrt();
        return ((x - Channels(step[3])) * Channels(step[1] * inverse)) + Channels(step[2]);

        // [P, C] beside [P, N, C, S…].
        Tensor Channels(Tensor values) => values.reshape([values.shape[0], 1, values.shape[1], .. Enumerable.Repeat(1L, x.shape.Length - 3)]);
    }

    /// <summary>Rows of an example brought to mean 0 and variance 1, then scaled and shifted by parameters that repeat over it.</summary>
    public static Tensor Rows(TorchStep step)
    {
        RowNormalization operation = (RowNormalization)step.Operator;
        Tensor x = step[0];
        long[] shape = x.shape;
        if (x.numel() == 0) return x.alias();
        long parameters = step.Of(1).Length, parts = shape[0], length = step.Output.Length;
        Tensor rows = x.reshape(parts, length / operation.Row, operation.Row);
        Tensor normal = operation.Centred
            ? nn.functional.layer_norm(rows, [operation.Row], eps: operation.Epsilon)
            : rows * (rows.square().mean([2], keepdim: true) + operation.Epsilon).rsqrt();
        long[] repeated = [parts, length / (parameters * operation.Run), parameters, operation.Run];
        Tensor y = normal.reshape(repeated) * Repeated(step[1]);
        if (step.Has(2)) y = y + Repeated(step[2]);
        return y.reshape([y.shape[0], .. shape[1..]]);

        Tensor Repeated(Tensor values) => values.reshape(values.shape[0], 1, parameters, 1);
    }

    /// <summary>x / (k + α/n · Σ x²)^β over the n channels around each.</summary>
    public static Tensor LocalResponse(TorchStep step)
    {
        Tensor x = step[0];
        long[] shape = x.shape;
        long size = step.Node.Integer("size", 0);
        Tensor squares = x.reshape(shape[0] * shape[1], shape[2], -1).square();
        Tensor sums = nn.functional.pad(squares, [0L, 0, (size - 1) / 2, size / 2]).unfold(1, size, 1).sum(-1L);
        Tensor scale = ((sums * (step.Node.Number("alpha", 1e-4f) / size)) + step.Node.Number("bias", 1)).pow(step.Node.Number("beta", 0.75f));
        return x / scale.reshape(shape);
    }
}
