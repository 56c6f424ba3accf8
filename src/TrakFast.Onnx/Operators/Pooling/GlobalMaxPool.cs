using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>The largest element of each channel, the first where several are: [N, C, S…] to [N, C, 1…].</summary>
internal sealed unsafe class GlobalMaxPool(GraphNode node) : Operator(node, inputs: 1)
{
    public override void Forward(ForwardContext context)
    {
        Tensor x = context.Input(0);
        if (x.Rank < 3 || x.Length == 0) throw Refuse($"reads {x}; [N, C, S…] is wanted");
        Tensor y = context.Allocate([x.Shape[0], x.Shape[1], .. Enumerable.Repeat(1L, x.Rank - 2)], x.Batched);
        int* places = (int*)context.Save(y.Length);
        int length = checked((int)(x.Length / y.Length));
        float* from = x.Data, to = y.Data;
        context.Workers.Run(y.Length, Math.Max(Vectors.Grain / length, 1), (start, end) =>
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
        Tensor x = context.Input(0), y = context.Output;
        long length = x.Length / y.Length;
        NativeBuffer<float> gradient = context.RentZero(0);
        float* delta = context.Gradient, to = gradient.Pointer;
        int* places = (int*)context.Saved;
        for (long plane = 0; plane < context.Batch * y.ExampleLength; plane++) to[(plane * length) + places[plane % y.Length]] = delta[plane];
        context.Give(0, gradient);
    }
}
