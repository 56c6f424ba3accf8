using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>Sums of all elements up to each one along an axis, with or without itself, from the front or from the back.</summary>
internal sealed unsafe class CumSum : Operator
{
    private readonly bool _exclusive;
    private readonly bool _reverse;
    private readonly long _along;
    private readonly long _inner;

    public CumSum(NodeBuilder node)
        : base(node, inputs: 2)
    {
        _exclusive = node.Node.Integer("exclusive", 0) != 0;
        _reverse = node.Node.Integer("reverse", 0) != 0;
        if (node.Integers(1) is not [long given]) throw node.Refuse("names several axes");
        Value x = node.Peek(0);
        int axis = node.OwnAxis(given, x);
        (_along, _inner) = (x.Shape[axis], Shapes.Count(x.Shape.Skip(axis + 1)));
        node.Data(0);
        node.Like(x, x.Shape, x.Placement);
    }

    public override bool KeepsInput(int input, bool[] wants) => false;

    public override void Forward(ForwardContext context)
    {
        Tensor x = context.Input(0);
        Run(context.Workers, x.Total, x.Data, context.Output.Data, _reverse);
    }

    // What an element was added to lies on its other side.
    public override void Backward(BackwardContext context)
    {
        NativeBuffer<float> gradient = context.RentFor(0);
        Run(context.Workers, context.Batch * context.Output.Length, context.Gradient, gradient.Pointer, !_reverse);
        context.Give(0, gradient);
    }

    private void Run(Workers workers, long length, float* from, float* to, bool backward)
    {
        if (length == 0) return;
        workers.Run(length / _along, Math.Max(Vectors.Grain / _along, 1), (start, end) =>
        {
            for (long row = start; row < end; row++)
            {
                long first = (row / _inner * _along * _inner) + (row % _inner);
                double sum = 0;
                for (long i = 0; i < _along; i++)
                {
                    long place = first + ((backward ? _along - 1 - i : i) * _inner);
                    double before = sum;
                    sum += from[place];
                    to[place] = (float)(_exclusive ? before : sum);
                }
            }
        });
    }
}
