using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>Sum or mean over some of an example's axes. Axes come as an attribute or, in later opsets, as an input.</summary>
internal sealed unsafe class Reduce : Operator
{
    private readonly bool _mean;
    private readonly bool _keep;
    private readonly bool _nothingForNone;
    private readonly IReadOnlyList<long>? _axes;

    public Reduce(GraphNode node, bool axesAreAttribute, bool mean)
        : base(node, inputs: 1, optionalInputs: axesAreAttribute ? 0 : 1)
    {
        _mean = mean;
        _keep = node.Integer("keepdims", 1) != 0;
        _nothingForNone = node.Integer("noop_with_empty_axes", 0) != 0;
        _axes = axesAreAttribute ? node.Integers("axes") : null;
    }

    public override void Forward(ForwardContext context)
    {
        Tensor x = context.Input(0);
        bool[] reduced = Reduced(x, context.Has(1) ? context.Integers(1) : _axes);
        long[] kept = [.. x.Shape.Select((s, i) => reduced[i] ? 1 : s)];
        long[] shape = _keep ? kept : [.. x.Shape.Where((_, i) => !reduced[i])];
        Tensor y = context.Allocate(shape, x.Batched);
        BroadcastSum.Run(context.Workers, x.Parts, x.ExampleShape, x.Data, kept.AsSpan(x.Batched ? 1 : 0), y.Data);
        if (_mean && y.Length > 0) Vectors.Scale(context.Workers, 1f / (x.Length / y.Length), y.Data, y.Length);
    }

    public override void Backward(BackwardContext context)
    {
        Tensor x = context.Input(0), y = context.Output;
        bool[] reduced = Reduced(x, context.Has(1) ? context.Input(1).Integers : _axes);
        long[] kept = [.. x.Shape.Select((s, i) => reduced[i] ? 1 : s).Skip(x.Batched ? 1 : 0)];
        NativeBuffer<float> gradient = context.RentFor(0);
        float factor = _mean ? (float)y.ExampleLength / Math.Max(x.ExampleLength, 1) : 1;
        new BroadcastLoop(context.Batch, x.ExampleShape, kept, y.ExampleLength, [], 0)
            .Run<MultiplyFunction>(context.Workers, context.Gradient, &factor, gradient.Pointer);
        context.Give(0, gradient);
    }

    private bool[] Reduced(Tensor x, IReadOnlyList<long>? axes)
    {
        bool[] reduced = new bool[x.Rank];
        if (axes is null or { Count: 0 })
        {
            if (_nothingForNone) return reduced;
            Array.Fill(reduced, true);
        }
        else
        {
            foreach (long axis in axes) reduced[Axis(axis, x.Rank)] = true;
        }

        return x.Batched && reduced[0] ? throw Refuse("works along axis 0, which would mix the examples") : reduced;
    }
}
