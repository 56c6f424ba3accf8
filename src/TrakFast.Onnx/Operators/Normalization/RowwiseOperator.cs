using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>
/// What Softmax and LogSoftmax share: rows of numbers along an axis. Before opset 13 a row is everything from the axis
/// (default 1) on; since then it is the axis alone (default the last).
/// </summary>
internal abstract unsafe class RowwiseOperator : Operator
{
    private const int FirstWithOneAxis = 13;
    private readonly long _axis;
    private readonly bool _oneAxis;

    protected RowwiseOperator(GraphNode node, int opset)
        : base(node, inputs: 1)
    {
        _oneAxis = opset >= FirstWithOneAxis;
        _axis = node.Integer("axis", _oneAxis ? -1 : 1);
    }

    public override void Forward(ForwardContext context)
    {
        Tensor x = context.Input(0);
        (long outer, long along, long inner) = Sizes(x);
        Tensor y = context.Allocate(x.Shape, x.Batched);
        float* from = x.Data, to = y.Data;
        context.Workers.Run(x.Parts * outer * inner, Math.Max(Vectors.Grain / Math.Max(along, 1), 1), (start, end) =>
        {
            for (long row = start; row < end; row++)
            {
                long first = (row / inner * along * inner) + (row % inner);
                Forward(from + first, to + first, along, inner);
            }
        });
    }

    public override void Backward(BackwardContext context)
    {
        Tensor x = context.Input(0), y = context.Output;
        (long outer, long along, long inner) = Sizes(x);
        NativeBuffer<float> gradient = context.TakeGradient();
        float* values = y.Data, delta = gradient.Pointer;
        long rows = outer * inner;
        context.Workers.Run(context.Batch * rows, Math.Max(Vectors.Grain / Math.Max(along, 1), 1), (start, end) =>
        {
            for (long row = start; row < end; row++)
            {
                long first = (row / inner * along * inner) + (row % inner);
                long value = x.Batched ? first : first % x.Length;
                Backward(values + value, delta + first, along, inner);
            }
        });
        context.Give(0, gradient);
    }

    /// <summary>One row, its elements <paramref name="step"/> apart.</summary>
    protected abstract void Forward(float* x, float* y, long along, long step);

    /// <summary>One row's gradient, changed in place.</summary>
    protected abstract void Backward(float* y, float* gradient, long along, long step);

    protected static (float Largest, double Sum) Exponentials(float* x, long along, long step)
    {
        float largest = float.NegativeInfinity;
        for (long i = 0; i < along; i++) largest = MathF.Max(largest, x[i * step]);
        double sum = 0;
        if (!float.IsNegativeInfinity(largest))
        {
            for (long i = 0; i < along; i++) sum += MathF.Exp(x[i * step] - largest);
        }

        return (largest, sum);
    }

    private (long Outer, long Along, long Inner) Sizes(Tensor x)
    {
        int axis = ExampleAxis(_axis, x);
        ReadOnlySpan<long> part = x.ExampleShape;
        long outer = Shapes.Count(part[..axis].ToArray()), rest = Shapes.Count(part[axis..].ToArray());
        return _oneAxis ? (outer, part[axis], rest / Math.Max(part[axis], 1)) : (outer, rest, 1);
    }
}
