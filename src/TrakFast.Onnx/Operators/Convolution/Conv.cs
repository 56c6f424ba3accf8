using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>Convolution over one to three spatial axes, with groups. The input carries the examples, the weight never does.</summary>
internal sealed unsafe class Conv : Operator
{
    private readonly SpatialWindow _window;
    private readonly long _groups;
    private Known? _last;

    public Conv(GraphNode node)
        : base(node, inputs: 2, optionalInputs: 1)
    {
        _window = new SpatialWindow(node);
        _groups = node.Integer("group", 1);
    }

    public override void Forward(ForwardContext context)
    {
        Tensor x = context.Input(0), weight = context.Input(1);
        Tensor? bias = context.Has(2) ? context.Input(2) : null;
        ConvolutionGeometry geometry = Geometry(x, weight, bias);
        Tensor y = context.Allocate([x.Shape[0], geometry.OutputChannels, .. geometry.Output.Select(static s => (long)s)], x.Batched);
        ConvolutionKernels.Forward(context.Workers, geometry, checked((int)x.Shape[0]), x.Data, weight.Data, bias is null ? null : bias.Data, y.Data);
    }

    public override void Backward(BackwardContext context)
    {
        Tensor x = context.Input(0), weight = context.Input(1);
        ConvolutionGeometry geometry = Geometry(x, weight, null);
        if (context.Wants(2)) GiveBias(context, geometry, x);
        if (context.Wants(1)) GiveWeight(context, geometry, x);
        if (!context.Wants(0)) return;
        NativeBuffer<float> gradient = context.RentZero(0);
        ConvolutionKernels.InputGradient(context.Workers, geometry, checked((int)(context.Batch * Images(x))), context.Gradient, weight.Data, gradient.Pointer);
        context.Give(0, gradient);
    }

    // Images an example has: its own, or every one of a value that all examples share.
    private static long Images(Tensor x) => x.Batched ? 1 : x.Shape[0];

    private static void GiveBias(BackwardContext context, ConvolutionGeometry geometry, Tensor x)
    {
        NativeBuffer<float> gradient = context.RentFor(2);
        BroadcastSum.Run(context.Workers, context.Batch, [Images(x), geometry.OutputChannels, geometry.OutputSize], context.Gradient, [geometry.OutputChannels, 1], gradient.Pointer);
        context.Give(2, gradient);
    }

    private static void GiveWeight(BackwardContext context, ConvolutionGeometry geometry, Tensor x)
    {
        long images = Images(x), outputs = (long)geometry.OutputChannels * geometry.OutputSize;
        float* delta = context.Gradient, input = x.Data;
        if (x.Batched && context.Use(1) is { Transposed: false } use)
        {
            context.Emit(new ConvolutionBlock(context.Batch, use.Offset, geometry, MemoryView.Of(delta, context.Batch * outputs), MemoryView.Of(input, x.Length)));
            return;
        }

        NativeBuffer<float> gradient = context.RentZero(1);
        float* to = gradient.Pointer;
        long inputs = (long)geometry.InputChannels * geometry.InputSize;
        context.Workers.Run(context.Batch, 1, (start, end) =>
        {
            for (long b = start; b < end; b++)
            {
                ConvolutionKernels.WeightGradientSum(
                    Workers.Single, geometry, (int)images, input + (x.Batched ? b * inputs : 0), delta + (b * images * outputs), to + (b * geometry.WeightSize));
            }
        });
        context.Give(1, gradient);
    }

    private ConvolutionGeometry Geometry(Tensor x, Tensor weight, Tensor? bias)
    {
        if (weight.Batched || bias?.Batched == true) throw Refuse("has a weight or bias that differs from example to example");
        if (x.Rank < 3 || weight.Rank != x.Rank) throw Refuse($"convolves {x} with a weight {weight}; equal numbers of axes, three or more, are wanted");
        long channels = x.Shape[1], outputs = weight.Shape[0];
        if (_groups < 1 || channels % _groups != 0 || outputs % _groups != 0 || weight.Shape[1] != channels / _groups || outputs > int.MaxValue)
            throw Refuse($"convolves {x} with a weight {weight} in {_groups} groups, which do not fit");
        if (bias is not null && (bias.Rank != 1 || bias.Shape[0] != outputs)) throw Refuse($"has a bias {bias} for {outputs} output channels");

        // Kept while the sizes stay, since kernels keep their own plans by geometry. Clones share the operator: the
        // reference is read and replaced as a whole.
        Known? known = _last;
        if (known is null || !known.Input.AsSpan().SequenceEqual(x.Shape.AsSpan(1)) || !known.Weight.AsSpan().SequenceEqual(weight.Shape))
            _last = known = new Known(x.Shape[1..], weight.Shape, _window.For(x.Shape, weight.Shape.AsSpan(2), (int)_groups, (int)outputs, out _));
        return known.Geometry;
    }

    private sealed record Known(long[] Input, long[] Weight, ConvolutionGeometry Geometry);
}
