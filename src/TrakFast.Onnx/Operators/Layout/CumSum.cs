using System.Numerics;
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

        // Neighbors behind the axis are summed side by side, a group of them at a time.
        long width = Vector<float>.Count, groups = (_inner + width - 1) / width;
        workers.Run(length / (_along * _inner) * groups, Math.Max(Vectors.Grain / (_along * Math.Min(_inner, width)), 1), (start, end) =>
        {
            for (long item = start; item < end; item++)
            {
                (long outer, long group) = Math.DivRem(item, groups);
                long first = (outer * _along * _inner) + (group * width), step = backward ? -_inner : _inner;
                if (backward) first += (_along - 1) * _inner;
                if (_inner - (group * width) >= width) Together(from + first, to + first, step);
                else
                    for (long column = 0; column < _inner - (group * width); column++)
                        One(from + first + column, to + first + column, step);
            }
        });
    }

    private void One(float* from, float* to, long step)
    {
        double sum = 0;
        for (long i = 0; i < _along; i++, from += step, to += step)
        {
            double before = sum;
            sum += *from;
            *to = (float)(_exclusive ? before : sum);
        }
    }

    private void Together(float* from, float* to, long step)
    {
        Vector<double> low = default, high = default;
        for (long i = 0; i < _along; i++, from += step, to += step)
        {
            (Vector<double> lowBefore, Vector<double> highBefore) = (low, high);
            Vector.Widen(Vectors.Load(from), out Vector<double> lowTerm, out Vector<double> highTerm);
            (low, high) = (low + lowTerm, high + highTerm);
            (_exclusive ? Vector.Narrow(lowBefore, highBefore) : Vector.Narrow(low, high)).Store(to);
        }
    }
}
