using TrakFast.Onnx.Programs;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace TrakFast.TorchSharp;

/// <summary>
/// Normalizations, torch's own where it has them. The gradients of scales and biases are sums of the output's, a scale's times
/// what was normalized, which is worked out once more then rather than kept.
/// </summary>
internal static class TorchNormalization
{
    public static Tensor Batch(TorchStep step)
    {
        float epsilon = step.Node.Number("epsilon", 1e-5f);
        Tensor mean = step.Plain(3), variance = step.Plain(4);
        long[] places = [step.Batch, step.Of(0).Shape[0], step.Of(1).Length, Shapes.Count(step.Output.Shape.Skip(2))];
        Tensor x = Points(step, places, [mean, variance], Normal, out List<Func<Tensor, ParameterGradient>> uses);
        Tensor scale = Once(step, 1), bias = Once(step, 2);
        if (scale.shape[0] != 1 || bias.shape[0] != 1)
            return step.Capture((Normal([x, mean, variance]) * Channels(x, scale)) + Channels(x, bias), uses);
        long[] shape = x.shape;
        Tensor images = x.reshape([shape[0] * shape[1], .. shape[2..]]);
        return step.Capture(nn.functional.batch_norm(images, mean[0], variance[0], scale[0], bias[0], eps: epsilon).reshape(shape), uses);

        Tensor Normal(IReadOnlyList<Tensor> sources) =>
            (sources[0] - Channels(sources[0], sources[1])) * Channels(sources[0], (sources[2] + epsilon).rsqrt());
    }

    /// <summary>Rows of an example brought to mean 0 and variance 1, then scaled and shifted by parameters that repeat over it.</summary>
    public static Tensor Rows(TorchStep step)
    {
        RowNormalizationFacts operation = step.Facts<RowNormalizationFacts>();
        if (step.Output.Length == 0) return step[0].alias();
        long parameters = step.Of(1).Length, length = step.Output.Length;
        long[] places = [length / (parameters * operation.Run), parameters, operation.Run];
        Tensor x = Points(step, [step.Batch, .. places], [], Normal, out List<Func<Tensor, ParameterGradient>> uses);
        Tensor scale = Once(step, 1).reshape(-1, parameters);
        Tensor? bias = step.Has(2) ? Once(step, 2).reshape(-1, parameters) : null;
        long[] shape = x.shape;

        // A parameter for each element of a row is torch's own case.
        if (operation.Centered && parameters == operation.Row && scale.shape[0] == 1 && bias?.shape[0] is null or 1)
            return step.Capture(
                nn.functional.layer_norm(x.reshape(-1, operation.Row), [operation.Row], scale[0], bias?[0], operation.Epsilon)
                    .reshape(shape),
                uses);
        Tensor y = Normal([x]).reshape([shape[0], .. places]) * scale.reshape(-1, 1, parameters, 1);
        if (bias is not null) y = y + bias.reshape(-1, 1, parameters, 1);
        return step.Capture(y.reshape([y.shape[0], .. shape[1..]]), uses);

        Tensor Normal(IReadOnlyList<Tensor> sources)
        {
            Tensor rows = sources[0].reshape(-1, operation.Row);
            return operation.Centered
                ? nn.functional.layer_norm(rows, [operation.Row], eps: operation.Epsilon)
                : rows * (rows.square().mean([1], keepdim: true) + operation.Epsilon).rsqrt();
        }
    }

    /// <summary>x / (k + α/n · Σ x²)^β over the n channels around each.</summary>
    public static Tensor LocalResponse(TorchStep step)
    {
        Tensor x = step[0];
        long[] shape = x.shape;
        long size = step.Node.Integer("size", 0);
        Tensor squares = x.reshape(shape[0] * shape[1], shape[2], Shapes.Count(shape.Skip(3))).square();
        Tensor sums = nn.functional.pad(squares, [0L, 0, (size - 1) / 2, size / 2]).unfold(1, size, 1).sum(-1L);
        Tensor scale =
            ((sums * (step.Node.Number("alpha", 1e-4f) / size)) + step.Node.Number("bias", 1)).pow(step.Node.Number("beta", 0.75f));
        return x / scale.reshape(shape);
    }

    // What is normalized, and what the wanted scale and bias get at the output.
    private static Tensor Points(
        TorchStep step, long[] shape, IReadOnlyList<Tensor> beside, Func<IReadOnlyList<Tensor>, Tensor> normal,
        out List<Func<Tensor, ParameterGradient>> uses)
    {
        ParameterElements? scale = step.DenseParameter(1), bias = step.DenseParameter(2);
        Tensor x = scale is null && bias is null ? step[0] : step.Each(step[0]);
        uses = [];
        if (scale is not null)
            uses.Add(point =>
                new SumGradient(scale.Name, point, scale.Offset, shape, [1, 3]) { Sources = [x, .. beside], Factor = normal });
        if (bias is not null) uses.Add(point => new SumGradient(bias.Name, point, bias.Offset, shape, [1, 3]));
        return x;
    }

    // A parameter that gets its gradient at the output is not wanted for each example.
    private static Tensor Once(TorchStep step, int input) => step.DenseParameter(input) is null ? step[input] : step.Plain(input);

    // [P, C] beside [P, N, C, S…].
    private static Tensor Channels(Tensor x, Tensor values) =>
        values.reshape([values.shape[0], 1, values.shape[1], .. Enumerable.Repeat(1L, x.shape.Length - 3)]);
}
