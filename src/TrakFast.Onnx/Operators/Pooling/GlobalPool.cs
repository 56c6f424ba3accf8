using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>An operator that makes one number of each channel of each image: [N, C, S…] to [N, C, 1…].</summary>
internal abstract class GlobalPool : Operator
{
    protected GlobalPool(NodeBuilder node)
        : base(node, inputs: 1)
    {
        Value x = node.Floats(0);
        if (x.Rank < 3 || x.Length == 0) throw node.Refuse($"reads {x}; [N, C, S…] is wanted");
        for (int axis = 2; axis < x.Rank; axis++) node.RefuseExamples(axis, x);
        Plane = Shapes.Count(x.Shape.Skip(2));
        node.Float([x.Shape[0], x.Shape[1], .. Enumerable.Repeat(1L, x.Rank - 2)], x.Placement);
    }

    public override bool KeepsInput(int input, bool[] wants) => false;

    /// <summary>Elements of a channel.</summary>
    protected long Plane { get; }
}

/// <summary>The mean of each channel.</summary>
internal sealed unsafe class GlobalAveragePool(NodeBuilder node) : GlobalPool(node)
{
    public override void Forward(ForwardContext context)
    {
        float* from = context.Input(0).Data, to = context.Output.Data;
        context.Workers.Run(context.Output.Total, Math.Max(Vectors.Grain / Plane, 1), (start, end) =>
        {
            for (long i = start; i < end; i++) to[i] = Vectors.Sum(from + (i * Plane), Plane) / Plane;
        });
    }

    public override void Backward(BackwardContext context)
    {
        NativeBuffer<float> gradient = context.RentFor(0);
        float* delta = context.Gradient, to = gradient.Pointer;
        context.Workers.Run(context.Batch * context.Output.Length, Math.Max(Vectors.Grain / Plane, 1), (start, end) =>
        {
            for (long i = start; i < end; i++) new Span<float>(to + (i * Plane), (int)Plane).Fill(delta[i] / Plane);
        });
        context.Give(0, gradient);
    }
}

/// <summary>The largest element of each channel, the first where several are.</summary>
internal sealed unsafe class GlobalMaxPool : GlobalPool
{
    public GlobalMaxPool(NodeBuilder node)
        : base(node) => node.Save(node.Output!.Length);

    public override void Forward(ForwardContext context)
    {
        int* places = (int*)context.Saved;
        int length = checked((int)Plane);
        float* from = context.Input(0).Data, to = context.Output.Data;
        context.Workers.Run(context.Output.Total, Math.Max(Vectors.Grain / length, 1), (start, end) =>
        {
            for (long plane = start; plane < end; plane++)
            {
                float* values = from + (plane * length);
                int best = 0;

                // A value that is not a number wins, so that it does not vanish.
                for (int i = 1; i < length; i++) best = values[i] > values[best] || float.IsNaN(values[i]) ? i : best;
                places[plane] = best;
                to[plane] = values[best];
            }
        });
    }

    public override void Backward(BackwardContext context)
    {
        Tensor y = context.Output;
        NativeBuffer<float> gradient = context.RentZero(0);
        float* delta = context.Gradient, to = gradient.Pointer;
        int* places = (int*)context.Saved;
        for (long plane = 0; plane < context.Batch * y.Length; plane++) to[(plane * Plane) + places[plane % y.Total]] = delta[plane];
        context.Give(0, gradient);
    }
}
