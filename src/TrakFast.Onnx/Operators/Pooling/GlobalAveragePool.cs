using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>The mean of each channel: [N, C, S…] to [N, C, 1…].</summary>
internal sealed unsafe class GlobalAveragePool(GraphNode node) : Operator(node, inputs: 1)
{
    public override void Forward(ForwardContext context)
    {
        Tensor x = context.Input(0);
        if (x.Rank < 3 || x.Length == 0) throw Refuse($"reads {x}; [N, C, S…] is wanted");
        Tensor y = context.Allocate([x.Shape[0], x.Shape[1], .. Enumerable.Repeat(1L, x.Rank - 2)], x.Batched);
        long length = x.Length / y.Length;
        float* from = x.Data, to = y.Data;
        context.Workers.Run(y.Length, Math.Max(Vectors.Grain / length, 1), (start, end) =>
        {
            for (long i = start; i < end; i++) to[i] = Vectors.Sum(from + (i * length), length) / length;
        });
    }

    public override void Backward(BackwardContext context)
    {
        Tensor x = context.Input(0);
        long length = x.Length / context.Output.Length;
        NativeBuffer<float> gradient = context.RentFor(0);
        float* delta = context.Gradient, to = gradient.Pointer;
        context.Workers.Run(context.Batch * context.Output.ExampleLength, Math.Max(Vectors.Grain / length, 1), (start, end) =>
        {
            for (long i = start; i < end; i++) new Span<float>(to + (i * length), (int)length).Fill(delta[i] / length);
        });
        context.Give(0, gradient);
    }
}
