using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>Sum or mean over some of an example's axes.</summary>
internal sealed unsafe class Reduce : Operator
{
    private readonly bool _mean;
    private readonly ReducedAxes _axes;

    public Reduce(GraphNode node, bool axesAreAttribute, bool mean)
        : base(node, inputs: 1, optionalInputs: axesAreAttribute ? 0 : 1)
    {
        _mean = mean;
        _axes = new ReducedAxes(node, axesAreAttribute);
    }

    public override void Forward(ForwardContext context)
    {
        Tensor x = context.Input(0);
        bool[] reduced = _axes.Of(x, context.Has(1) ? context.Integers(1) : null);
        Tensor y = context.Allocate(_axes.Result(x, reduced), x.Batched);
        BroadcastSum.Run(context.Workers, x.Parts, x.ExampleShape, x.Data, ReducedAxes.Kept(x, reduced).AsSpan(x.Batched ? 1 : 0), y.Data);
        if (_mean && y.Length > 0) Vectors.Scale(context.Workers, 1f / (x.Length / y.Length), y.Data, y.Length);
    }

    public override void Backward(BackwardContext context)
    {
        Tensor x = context.Input(0), y = context.Output;
        bool[] reduced = _axes.Of(x, context.Has(1) ? context.Input(1).Integers : null);
        NativeBuffer<float> gradient = context.RentFor(0);
        float factor = _mean ? (float)y.ExampleLength / Math.Max(x.ExampleLength, 1) : 1;
        new BroadcastLoop(context.Batch, x.ExampleShape, ReducedAxes.Kept(x, reduced).AsSpan(x.Batched ? 1 : 0), y.ExampleLength, [], 0)
            .Run<MultiplyFunction>(context.Workers, context.Gradient, &factor, gradient.Pointer);
        context.Give(0, gradient);
    }
}
