using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>A value repeated to a shape. Where the shape begins with the number of examples, each gets its own part.</summary>
internal sealed unsafe class Expand(GraphNode node) : Operator(node, inputs: 2)
{
    public override void Forward(ForwardContext context)
    {
        Tensor x = context.Any(0), sizes = context.Sizes(1);
        long[] shape = Shape(x, sizes);
        bool batched = x.Batched || (shape.Length == sizes.Length && sizes.Length > 0 && WholeNumbers.IsCounted(sizes, 0));
        if (batched && shape[0] != context.Batch) throw Refuse($"repeats {x} to {Shapes.Text(shape)}, which has another first size than the {context.Batch} examples");
        if (batched && !x.Batched && x.Rank == shape.Length && x.Shape[0] != 1) throw Refuse($"repeats {x} to {Shapes.Text(shape)} so that examples would get different constants");
        context.Count(shape);
        if (x.IsInteger)
        {
            int[] places = HostBroadcast.Places(x.Shape, shape);
            context.SetIntegers([.. places.Select(p => x.Integers[p])], shape, batched, x.Counted is null ? null : [.. places.Select(p => x.Counted[p])]);
            return;
        }

        Tensor y = context.Allocate(shape, batched);
        if (y.Length == 0) return;
        float one = 1;
        new BroadcastLoop(y.Parts, y.ExampleShape, Examples.Part(x, y), x.Stride, [], 0).Run<MultiplyFunction>(context.Workers, x.Data, &one, y.Data);
    }

    public override void Backward(BackwardContext context)
    {
        Tensor x = context.Input(0), y = context.Output;
        NativeBuffer<float> sum = context.RentFor(0);
        BroadcastSum.Run(context.Workers, context.Batch, y.ExampleShape, context.Gradient, Examples.Part(x, y), sum.Pointer);
        context.Give(0, sum);
    }

    private long[] Shape(Tensor x, Tensor sizes)
    {
        if (x.Batched && x.Rank < sizes.Length) throw Refuse($"repeats {x} to {Shapes.Text(sizes.Integers)}, which would put an axis before the examples");
        try
        {
            return HostBroadcast.Shape(x.Shape, sizes.Integers);
        }
        catch (TrakException error)
        {
            throw Refuse($"repeats {x} to {Shapes.Text(sizes.Integers)}, which it does not fit ({error.Message.TrimEnd('.')})");
        }
    }
}
