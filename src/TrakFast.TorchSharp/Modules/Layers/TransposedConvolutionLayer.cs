using TorchSharp.Modules;
using TrakFast.Kernels;
using static TorchSharp.torch;

namespace TrakFast.TorchSharp;

/// <summary>
/// A transposed convolution is the adjoint of a convolution with the same weight [I, O/groups, …], so its weight's gradient is
/// that convolution's with δ as the input and the input as δ.
/// </summary>
internal sealed class TransposedConvolutionLayer : Layer
{
    private readonly ConvolutionTranspose _module;

    public TransposedConvolutionLayer(ConvolutionTranspose module, Dictionary<string, ModelParameter> parameters)
        : base(module, parameters) => _module = module;

    public override bool Separates(CallGradient call) => call.Inputs[0].Splits && call.Deltas[0]!.Splits
        && call.Inputs[0].Axis == 0 && call.Deltas[0]!.Axis == 0 && call.Inputs[0].Tensor.shape.Length == _module.kernel_size.Length + 2;

    public override IEnumerable<GradientPart> Parts(CallGradient call, Targets targets)
    {
        Tensor delta = call.Delta;
        if (Want(targets, "weight", out long weight))
        {
            Tensor input = call.Input, read = delta;
            long[] end = [.. _module.padding!];
            for (int axis = 0; axis < end.Length; axis++)
            {
                // The adjoint has as many positions as the input: output padding takes from the padding behind, then from δ.
                long reach = ((input.shape[axis + 3] - 1) * _module.stride[axis]) - (2 * _module.padding![axis])
                    + (_module.dilation[axis] * (_module.kernel_size[axis] - 1)) + 1;
                long surplus = read.shape[axis + 3] - reach - end[axis];
                end[axis] = Math.Max(0, -surplus);
                if (surplus > 0) read = read.narrow(axis + 3, 0, read.shape[axis + 3] - surplus);
            }

            ConvolutionGeometry geometry = ConvolutionShape.Of(
                _module, _module.out_channels, _module.in_channels, read.shape.AsSpan(3), _module.padding!, end);
            for (long entry = 0; entry < input.shape[1]; entry++)
                yield return new ConvolutionPart(weight, geometry, input.select(1, entry), read.select(1, entry));
        }

        if (Want(targets, "bias", out long bias)) yield return new DensePart(bias, delta.flatten(3).sum(1L, 3L));
    }
}
