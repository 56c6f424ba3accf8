using TrakFast.Kernels;
using TrakFast.Onnx.Programs;

namespace TrakFast.Onnx;

/// <summary>
/// The transpose of a convolution: forward is what a convolution with the same weight does to gradients, and backward is
/// that convolution. Its weight's gradient is the convolution's, whose input is this operator's output gradient and whose
/// output gradient is this operator's input.
/// </summary>
internal sealed unsafe class ConvTranspose : Operator
{
    private readonly ConvolutionGeometry _geometry;

    public ConvTranspose(NodeBuilder node)
        : base(node, inputs: 2, optionalInputs: 1)
    {
        Value x = node.Floats(0), weight = node.Floats(1);
        Value? bias = node.Has(2) ? node.Floats(2) : null;
        long groups = node.Node.Integer("group", 1);
        if (weight.Batched || bias?.Batched == true) throw node.Refuse("has a weight or bias that differs from example to example");
        if (x.Rank < 3 || weight.Rank != x.Rank)
            throw node.Refuse($"convolves {x} with a weight {weight}; equal numbers of axes, three or more, are wanted");
        for (int axis = 1; axis < x.Rank; axis++) node.RefuseExamples(axis, x);
        if (groups < 1 || x.Shape[1] % groups != 0 || weight.Shape[0] != x.Shape[1]
            || weight.Shape[1] < 1 || weight.Shape[1] > int.MaxValue / groups)
            throw node.Refuse($"convolves {x} with a weight {weight} in {groups} groups, which do not fit");
        long outputs = weight.Shape[1] * groups;
        if (bias is not null && (bias.Rank != 1 || bias.Shape[0] != outputs))
            throw node.Refuse($"has a bias {bias} for {outputs} output channels");
        _geometry = TransposedWindow.Of(node.Node, x, weight, (int)groups, (int)outputs);
        node.Float([x.Shape[0], outputs, .. _geometry.Input.Select(static s => (long)s)], x.Placement);
    }

    public override StepFacts? Facts => new ConvolutionFacts(_geometry);

    public override bool KeepsInput(int input, bool[] wants) => input < 2 && wants[1 - input];

    public override bool EmitsBlocks(int input) => input == 1;

    public override void Forward(ForwardContext context)
    {
        Tensor x = context.Input(0);
        float* bias = context.Has(2) ? context.Input(2).Data : null, to = context.Output.Data;
        int channels = _geometry.InputChannels, plane = _geometry.InputSize;
        long images = x.Parts * x.Shape[0];
        context.Workers.Run(images * channels, Math.Max(Vectors.Grain / plane, 1), (start, end) =>
        {
            for (long i = start; i < end; i++) new Span<float>(to + (i * plane), plane).Fill(bias == null ? 0 : bias[i % channels]);
        });
        ConvolutionKernels.InputGradient(context.Workers, _geometry, checked((int)images), x.Data, context.Input(1).Data, to);
    }

    public override void Backward(BackwardContext context)
    {
        Tensor x = context.Input(0);
        long images = x.Shape[0];
        if (context.Wants(2)) Conv.GiveBias(context, images, _geometry.InputChannels, _geometry.InputSize);
        if (context.Wants(1)) GiveWeight(context, x, images);
        if (!context.Wants(0)) return;
        NativeBuffer<float> back = context.RentFor(0);
        ConvolutionKernels.Forward(
            context.Workers, _geometry, checked((int)(context.Batch * images)), context.Gradient,
            context.Input(1).Data, null, back.Pointer);
        context.Give(0, back);
    }

    // An example that has several images sums over them, which a block cannot say.
    private void GiveWeight(BackwardContext context, Tensor x, long images)
    {
        long outputs = (long)_geometry.InputChannels * _geometry.InputSize;
        float* delta = context.Gradient, input = x.Data;
        if (x.Separate && images == 1 && context.DenseUse(1) is { } offset)
        {
            context.Emit(new ConvolutionBlock(
                context.Batch, offset, _geometry, MemoryView.Of(input, x.Total), MemoryView.Of(delta, context.Batch * outputs)));
            return;
        }

        NativeBuffer<float> gradient = context.RentZero(1);
        float* to = gradient.Pointer;
        context.Workers.Run(context.Batch, 1, (start, end) =>
        {
            for (long b = start; b < end; b++)
                ConvolutionKernels.WeightGradientSum(
                    Workers.Single, _geometry, (int)images, delta + (b * images * outputs),
                    input + (b * x.Stride), to + (b * _geometry.WeightSize));
        });
        context.Give(1, gradient);
    }
}
