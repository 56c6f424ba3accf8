using TrakFast.Kernels;
using TrakFast.Onnx.Programs;

namespace TrakFast.Onnx;

/// <summary>Convolution over one to three spatial axes, with groups. The input carries the examples, the weight never does.</summary>
internal sealed unsafe class Conv : Operator
{
    private readonly ConvolutionGeometry _geometry;

    public Conv(NodeBuilder node)
        : base(node, inputs: 2, optionalInputs: 1)
    {
        Value x = node.Floats(0), weight = node.Floats(1);
        Value? bias = node.Has(2) ? node.Floats(2) : null;
        long groups = node.Node.Integer("group", 1);
        if (weight.Batched || bias?.Batched == true) throw node.Refuse("has a weight or bias that differs from example to example");
        if (x.Rank < 3 || weight.Rank != x.Rank)
            throw node.Refuse($"convolves {x} with a weight {weight}; equal numbers of axes, three or more, are wanted");
        for (int axis = 1; axis < x.Rank; axis++) node.RefuseExamples(axis, x);
        long channels = x.Shape[1], outputs = weight.Shape[0];
        if (groups < 1 || channels % groups != 0 || outputs % groups != 0 || weight.Shape[1] != channels / groups || outputs > int.MaxValue)
            throw node.Refuse($"convolves {x} with a weight {weight} in {groups} groups, which do not fit");
        if (bias is not null && (bias.Rank != 1 || bias.Shape[0] != outputs))
            throw node.Refuse($"has a bias {bias} for {outputs} output channels");
        _geometry = new SpatialWindow(node).For(x.Shape, weight.Shape.AsSpan(2), (int)groups, (int)outputs, out _);
        node.Float([x.Shape[0], outputs, .. _geometry.Output.Select(static s => (long)s)], x.Placement);
    }

    public override StepFacts? Facts => new ConvolutionFacts(_geometry);

    public override bool KeepsInput(int input, bool[] wants) => input < 2 && wants[1 - input];

    public override bool EmitsBlocks(int input) => input == 1;

    public override void Forward(ForwardContext context)
    {
        Tensor x = context.Input(0);
        float* bias = context.Has(2) ? context.Input(2).Data : null;
        ConvolutionKernels.Forward(
            context.Workers, _geometry, checked((int)(x.Parts * x.Shape[0])), x.Data, context.Input(1).Data, bias, context.Output.Data);
    }

    public override void Backward(BackwardContext context)
    {
        Tensor x = context.Input(0);
        long images = x.Shape[0];
        if (context.Wants(2)) GiveBias(context, images, _geometry.OutputChannels, _geometry.OutputSize);
        if (context.Wants(1)) GiveWeight(context, x, images);
        if (!context.Wants(0)) return;
        NativeBuffer<float> gradient = context.RentZero(0);
        ConvolutionKernels.InputGradient(
            context.Workers, _geometry, checked((int)(context.Batch * images)), context.Gradient, context.Input(1).Data, gradient.Pointer);
        context.Give(0, gradient);
    }

    /// <summary>Gives a bias, one number for each of the output's channels, its gradient.</summary>
    public static void GiveBias(BackwardContext context, long images, long channels, long plane)
    {
        NativeBuffer<float> gradient = context.RentFor(2);
        BroadcastSum.Run(context.Workers, context.Batch, [images, channels, plane], context.Gradient, [channels, 1], gradient.Pointer);
        context.Give(2, gradient);
    }

    // An example that has several images sums over them, which a block cannot say.
    private void GiveWeight(BackwardContext context, Tensor x, long images)
    {
        long outputs = (long)_geometry.OutputChannels * _geometry.OutputSize, inputs = (long)_geometry.InputChannels * _geometry.InputSize;
        float* delta = context.Gradient, input = x.Data;
        if (x.Separate && images == 1 && context.DenseUse(1) is { } offset)
        {
            context.Emit(new ConvolutionBlock(
                context.Batch, offset, _geometry, MemoryView.Of(delta, context.Batch * outputs), MemoryView.Of(input, x.Total)));
            return;
        }

        NativeBuffer<float> gradient = context.RentZero(1);
        float* to = gradient.Pointer;
        context.Workers.Run(context.Batch, 1, (start, end) =>
        {
            for (long b = start; b < end; b++)
                ConvolutionKernels.WeightGradientSum(
                    Workers.Single, _geometry, (int)images, input + (x.Separate ? b * images * inputs : 0),
                    delta + (b * images * outputs), to + (b * _geometry.WeightSize));
        });
        context.Give(1, gradient);
    }
}
