using TrakFast.Kernels;
using TrakFast.Onnx.Programs;

namespace TrakFast.Onnx;

/// <summary>Sum or mean over some of an example's axes.</summary>
internal sealed unsafe class Reduce : Operator
{
    private readonly bool _mean;
    private readonly ReducedAxes _axes;

    public Reduce(NodeBuilder node, int firstWithInput, bool mean)
        : base(node, inputs: 1, ReducedAxes.OptionalInputs(node, firstWithInput))
    {
        _mean = mean;
        _axes = new ReducedAxes(node, firstWithInput);
        Value x = node.Peek(0);
        if (!mean && x.Numbers is not null)
        {
            _axes.Whole(node, 0, static (sum, v) => unchecked(sum + v));
            return;
        }

        x = mean ? node.Floats(0) : node.Data(0);
        node.Like(x, _axes.Shape, _axes.Placement);
    }

    public override StepFacts? Facts => _axes.Facts;

    public override bool KeepsInput(int input, bool[] wants) => false;

    public override void Forward(ForwardContext context)
    {
        Tensor x = context.Input(0), y = context.Output;
        BroadcastSum.Run(context.Workers, x.Parts, x.Shape, x.Data, _axes.Kept, y.Data);
        if (_mean && y.Length > 0) Vectors.Scale(context.Workers, 1f / (x.Length / y.Length), y.Data, y.Total);
    }

    public override void Backward(BackwardContext context)
    {
        Tensor x = context.Input(0), y = context.Output;
        NativeBuffer<float> gradient = context.RentFor(0);
        float factor = _mean ? (float)y.Length / Math.Max(x.Length, 1) : 1;
        new BroadcastLoop(context.Batch, x.Shape, _axes.Kept, y.Length, [], 0)
            .Run<MultiplyFunction>(context.Workers, context.Gradient, &factor, gradient.Pointer);
        context.Give(0, gradient);
    }
}
