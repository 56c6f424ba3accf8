using TrakFast.Kernels;
using TrakFast.Onnx.Programs;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace TrakFast.TorchSharp;

/// <summary>
/// Convolutions and transposed ones, over one to three axes. A weight that differs from example to example makes the examples groups.
/// </summary>
internal static class TorchConvolution
{
    public static Tensor Forward(TorchStep step) => Run(step, step.Facts<ConvolutionFacts>().Geometry, transposed: false, Convolve);

    public static Tensor Transposed(TorchStep step) => Run(step, step.Facts<ConvolutionFacts>().Geometry, transposed: true, Turned);

    private static Tensor Run(
        TorchStep step, ConvolutionGeometry geometry, bool transposed,
        Func<TorchStep, ConvolutionGeometry, Tensor, Tensor, Tensor?, Tensor> function)
    {
        List<Func<Tensor, ParameterGradient>> uses = [];
        Tensor x = step[0];

        // A block can say a weight's gradient where all of it lies together and an example is one image.
        ParameterElements? weight = step.Of(0).Shape[0] == 1 ? step.DenseParameter(1) : null, shift = step.DenseParameter(2);
        if (weight is not null) uses.Add(point => new ConvolutionGradient(weight.Name, point, weight.Offset, geometry, x, transposed));
        if (shift is not null)
            uses.Add(point => new SumGradient(
                shift.Name, point, shift.Offset,
                [step.Batch, step.Of(0).Shape[0], step.Of(2).Length, Shapes.Count(step.Output.Shape.Skip(2))], [1, 3]));
        if (uses.Count > 0) x = step.Each(x);
        Tensor? bias = !step.Has(2) ? null : shift is null ? step[2] : step.Plain(2);
        return step.Capture(function(step, geometry, x, weight is null ? step[1] : step.Plain(1), bias), uses);
    }

    private static Tensor WithBias(Tensor y, Tensor? bias) =>
        bias is null ? y : y + bias.reshape([bias.shape[0], 1, bias.shape[1], .. Enumerable.Repeat(1L, y.shape.Length - 3)]);

    private static Tensor Convolve(TorchStep step, ConvolutionGeometry g, Tensor x, Tensor weight, Tensor? bias)
    {
        // A bias that all share goes in with the sum.
        Tensor? together = bias is not null && bias.shape[0] == 1 && weight.shape[0] == 1 ? bias[0] : null;
        long[] begin = Longs(g.PadsBegin),
            end = Longs(g.PadsEnd),
            padding = begin.AsSpan().SequenceEqual(end) ? begin : new long[begin.Length];
        (Tensor images, Tensor kernel, long groups) = Together(step, x, weight, g.Groups);
        if (padding != begin) images = nn.functional.pad(images, Around(begin, end));
        long[] strides = Longs(g.Strides), dilations = Longs(g.Dilations);
        Tensor y = begin.Length switch
        {
            1 => nn.functional.conv1d(
                images, kernel, together, stride: strides[0], padding: padding[0], dilation: dilations[0], groups: groups),
            2 => nn.functional.conv2d(images, kernel, together, strides: strides, padding: padding, dilation: dilations, groups: groups),
            _ => nn.functional.conv3d(images, kernel, together, strides: strides, padding: padding, dilation: dilations, groups: groups),
        };
        return WithBias(Apart(step, y, g.OutputChannels, groups != g.Groups), together is null ? bias : null);
    }

    // Without pads torch makes all that the kernel reaches; pads cut that off, output_padding adds zeros behind it.
    private static Tensor Turned(TorchStep step, ConvolutionGeometry g, Tensor x, Tensor weight, Tensor? bias)
    {
        (Tensor images, Tensor kernel, long groups) = Together(step, x, weight, g.Groups);
        long[] strides = Longs(g.Strides), dilations = Longs(g.Dilations);
        Tensor y = strides.Length switch
        {
            1 => nn.functional.conv_transpose1d(images, kernel, stride: strides[0], dilation: dilations[0], groups: groups),
            2 => nn.functional.conv_transpose2d(images, kernel, strides: strides, dilation: dilations, groups: groups),
            _ => nn.functional.conv_transpose3d(images, kernel, strides: strides, dilation: dilations, groups: groups),
        };
        long[] reached = y.shape[2..], cut = new long[2 * strides.Length];
        for (int axis = 0; axis < strides.Length; axis++)
        {
            // torch counts axes from the last.
            cut[2 * (strides.Length - 1 - axis)] = -g.PadsBegin[axis];
            cut[(2 * (strides.Length - 1 - axis)) + 1] = g.Input[axis] + g.PadsBegin[axis] - reached[axis];
        }

        if (cut.Any(static c => c != 0)) y = nn.functional.pad(y, cut);
        return WithBias(Apart(step, y, g.InputChannels, groups != g.Groups), bias);
    }

    // Images [P·N, C, S…] and a weight; of a weight for each example, images [N, P·C, S…] whose channels are groups of an example.
    private static (Tensor Images, Tensor Weight, long Groups) Together(TorchStep step, Tensor x, Tensor weight, long groups)
    {
        long[] shape = x.shape;
        if (weight.shape[0] == 1) return (x.reshape([shape[0] * shape[1], .. shape[2..]]), weight[0], groups);
        Tensor images = step.Each(x).transpose(0, 1).reshape([shape[1], step.Batch * shape[2], .. shape[3..]]);
        long[] sizes = weight.shape;
        return (images, weight.reshape([sizes[0] * sizes[1], .. sizes[2..]]), step.Batch * groups);
    }

    private static Tensor Apart(TorchStep step, Tensor y, long channels, bool apart)
    {
        long[] shape = y.shape;
        long images = step.Output.Shape[0];
        return apart
            ? y.reshape([images, step.Batch, channels, .. shape[2..]]).transpose(0, 1)
            : y.reshape([shape[0] / images, images, channels, .. shape[2..]]);
    }

    /// <summary>Pads as torch has them: from the last axis to the first, before and behind.</summary>
    public static long[] Around(IReadOnlyList<long> begin, IReadOnlyList<long> end) =>
        [.. Enumerable.Range(1, begin.Count).SelectMany(back => new[] { begin[begin.Count - back], end[end.Count - back] })];

    public static long[] Longs(IReadOnlyList<int> values) => [.. values.Select(static v => (long)v)];
}
