using TrakFast.Kernels;
using TrakFast.TorchSharp.Engines;
using static TorchSharp.torch;

namespace TrakFast.TorchSharp;

/// <summary>A convolution's weight gradient as δ and input.</summary>
internal sealed class ConvolutionPart : GradientPart
{
    private readonly ConvolutionGeometry _geometry;
    private readonly Tensor _delta;
    private readonly Tensor _input;

    /// <param name="offset">First coordinate.</param>
    /// <param name="geometry">The convolution.</param>
    /// <param name="delta">[B, O, P…].</param>
    /// <param name="input">[B, C, S…].</param>
    public ConvolutionPart(long offset, ConvolutionGeometry geometry, Tensor delta, Tensor input)
        : base(checked((int)delta.shape[0]), offset) =>
        (_geometry, _delta, _input) = (geometry, TorchMemory.Packed(delta), TorchMemory.Packed(input));

    public override GradientBlock ToBlock() =>
        new ConvolutionBlock(Batch, Offset, _geometry, TorchMemory.View(_delta), TorchMemory.View(_input));

    public override void AddTo(Tensor gradient, long start)
    {
        ConvolutionGeometry g = _geometry;
        long[] pads =
            [.. Enumerable.Range(0, g.Kernel.Count).Reverse().SelectMany(axis => new long[] { g.PadsBegin[axis], g.PadsEnd[axis] })];
        long[] strides = Longs(g.Strides), dilations = Longs(g.Dilations);
        using IDisposable tracked = enable_grad();
        Tensor weight = zeros(
            [g.OutputChannels, g.InputChannels / g.Groups, .. Longs(g.Kernel)], device: _input.device, requires_grad: true);
        Tensor input = nn.functional.pad(_input.reshape([1, g.InputChannels, .. Longs(g.Input)]), pads);
        Tensor output = g.Kernel.Count switch
        {
            1 => nn.functional.conv1d(input, weight, stride: strides[0], dilation: dilations[0], groups: g.Groups),
            2 => nn.functional.conv2d(input, weight, strides: strides, dilation: dilations, groups: g.Groups),
            _ => nn.functional.conv3d(input, weight, strides: strides, padding: [0, 0, 0], dilation: dilations, groups: g.Groups),
        };
        TorchErrors.Backpropagate([output], [_delta.reshape(output.shape)], [weight]);
        using IDisposable untracked = no_grad();
        gradient.narrow(0, Offset - start, weight.numel()).add_(weight.grad!.flatten());
    }

    private static long[] Longs(IReadOnlyList<int> sizes) => [.. sizes.Select(static s => (long)s)];
}
