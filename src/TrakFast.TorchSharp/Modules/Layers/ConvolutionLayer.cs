using TorchSharp;
using TrakFast.Kernels;
using static TorchSharp.torch;

namespace TrakFast.TorchSharp;

/// <summary>A convolution over one to three axes. Where it pads with anything but zeros, the input is padded first.</summary>
internal sealed class ConvolutionLayer : Layer
{
    private readonly global::TorchSharp.Modules.Convolution _module;

    public ConvolutionLayer(global::TorchSharp.Modules.Convolution module, Dictionary<string, ModelParameter> parameters)
        : base(module, parameters) => _module = module;

    private int Axes => _module.kernel_size.Length;

    public override bool Separates(CallGradient call) => base.Separates(call) && call.Inputs[0].Tensor.shape.Length == Axes + 2;

    public override IEnumerable<GradientPart> Parts(CallGradient call, Targets targets)
    {
        Tensor delta = call.Delta;
        if (Want(targets, "weight", out long weight))
        {
            (long[] begin, long[] end) = ZeroPads();
            Tensor input = _module.padding_mode == PaddingModes.Zeros
                ? call.Inputs[0].Tensor
                : nn.functional.pad(call.Inputs[0].Tensor, OtherPads(), _module.padding_mode);
            ConvolutionGeometry geometry = ConvolutionShape.Of(
                _module, _module.in_channels, _module.out_channels, input.shape.AsSpan(2), begin, end);

            // Several entries of one example each make a block of their own, and add.
            Tensor inputs = (call.Inputs[0] with { Tensor = input }).ByExample;
            for (long entry = 0; entry < inputs.shape[1]; entry++)
                yield return new ConvolutionPart(weight, geometry, delta.select(1, entry), inputs.select(1, entry));
        }

        if (Want(targets, "bias", out long bias)) yield return new DensePart(bias, delta.flatten(3).sum(1L, 3L));
    }

    private (long[] Begin, long[] End) ZeroPads()
    {
        if (_module.padding_mode != PaddingModes.Zeros || _module.padding_type == Padding.Valid) return (new long[Axes], new long[Axes]);
        if (_module.padding is { } padding) return (padding, padding);

        // «Same»: what is odd goes behind.
        long[] total = [.. Enumerable.Range(0, Axes).Select(i => _module.dilation[i] * (_module.kernel_size[i] - 1))];
        return ([.. total.Select(static t => t / 2)], [.. total.Select(static t => t - (t / 2))]);
    }

    // As torch wants them, from the last axis to the first. For «same» TorchSharp lists them from the first to the last.
    private long[] OtherPads()
    {
        if (_module.padding is { } padding) return [.. padding.Reverse().SelectMany(static p => new[] { p, p })];
        if (_module.padding_type == Padding.Valid) return new long[2 * Axes];
        return [.. Enumerable.Range(0, Axes)
            .Select(i => _module.dilation[i] * (_module.kernel_size[i] - 1))
            .SelectMany(static t => new[] { t / 2, t - (t / 2) })];
    }
}
