using TrakFast.Kernels;
using TrakFast.Onnx.Programs;

namespace TrakFast.Onnx;

/// <summary>
/// What Softmax and LogSoftmax share: rows of numbers along an axis. Before opset 13 a row is everything from the axis
/// (default 1) on; since then it is the axis alone (default the last).
/// </summary>
internal abstract unsafe class RowwiseOperator : Operator
{
    private const int FirstWithOneAxis = 13;
    private readonly long _outer;
    private readonly long _along;
    private readonly long _inner;

    protected RowwiseOperator(NodeBuilder node)
        : base(node, inputs: 1)
    {
        bool oneAxis = node.Opset >= FirstWithOneAxis;
        Value x = node.Floats(0);
        int axis = node.Axis(node.Node.Integer("axis", oneAxis ? -1 : 1), x.Rank);
        for (int i = axis; i < (oneAxis ? axis + 1 : x.Rank); i++) node.RefuseExamples(i, x);
        long rest = Shapes.Count(x.Shape.Skip(axis));
        _outer = Shapes.Count(x.Shape.Take(axis));
        _along = oneAxis ? x.Shape[axis] : rest;
        _inner = oneAxis ? rest / Math.Max(_along, 1) : 1;
        node.Float(x.Shape, x.Placement);
    }

    public override StepFacts? Facts => new AxisFacts(_along, _inner);

    public override bool ReusesGradient => true;

    public override bool KeepsOutput => true;

    public override bool KeepsInput(int input, bool[] wants) => false;

    public override void Forward(ForwardContext context)
    {
        Tensor x = context.Input(0), y = context.Output;
        float* from = x.Data, to = y.Data;
        context.Workers.Run(x.Parts * _outer * _inner, Math.Max(Vectors.Grain / Math.Max(_along, 1), 1), (start, end) =>
        {
            for (long row = start; row < end; row++)
            {
                long first = (row / _inner * _along * _inner) + (row % _inner);
                Forward(from + first, to + first, _along, _inner);
            }
        });
    }

    public override void Backward(BackwardContext context)
    {
        Tensor y = context.Output;
        NativeBuffer<float> gradient = context.TakeGradient();
        float* values = y.Data, delta = gradient.Pointer;
        context.Workers.Run(context.Batch * _outer * _inner, Math.Max(Vectors.Grain / Math.Max(_along, 1), 1), (start, end) =>
        {
            for (long row = start; row < end; row++)
            {
                long first = (row / _inner * _along * _inner) + (row % _inner);
                Backward(values + (y.Separate ? first : first % y.Length), delta + first, _along, _inner);
            }
        });
        context.Give(0, gradient);
    }

    /// <summary>One row, its elements <paramref name="step"/> apart.</summary>
    protected abstract void Forward(float* x, float* y, long along, long step);

    /// <summary>One row's gradient, changed in place.</summary>
    protected abstract void Backward(float* y, float* gradient, long along, long step);

    /// <summary>y = e^(x − the largest x), with that and the sum.</summary>
    protected static (float Largest, double Sum) Exponentials(float* x, float* y, long along, long step)
    {
        float largest = float.NegativeInfinity;
        double sum = 0;
        if (step == 1)
        {
            largest = ExponentialRow.Largest(x, along);
            return (largest, ExponentialRow.Exponentials(x, y, along, largest));
        }

        for (long i = 0; i < along; i++) largest = MathF.Max(largest, x[i * step]);
        for (long i = 0; i < along; i++) sum += y[i * step] = MathF.Exp(x[i * step] - largest);
        return (largest, sum);
    }
}
