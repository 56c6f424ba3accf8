using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>
/// The k largest or smallest elements along an axis, or their indices, best first; of equal ones those that come first. A
/// value that is not a number counts as the largest.
/// </summary>
internal sealed unsafe class TopK : Operator
{
    private readonly long _outer;
    private readonly int _along;
    private readonly long _inner;
    private readonly int _count;
    private readonly int _sign;
    private readonly bool _indices;

    public TopK(NodeBuilder node)
        : base(node, inputs: 2, severalOutputs: true)
    {
        Value x = node.Data(0);
        int axis = node.OwnAxis(node.Node.Integer("axis", -1), x);
        long[] k = node.Integers(1);
        if (k.Length != 1 || k[0] < 0 || k[0] > x.Shape[axis])
            throw node.Refuse($"picks {Shapes.Text(k)} elements along axis {axis} of {x}");
        _indices = node.OutputIndex == 1;
        _sign = node.Node.Integer("largest", 1) != 0 ? -1 : 1;
        _outer = Shapes.Count(x.Shape.Take(axis));
        (_along, _count) = (checked((int)x.Shape[axis]), (int)k[0]);
        _inner = Shapes.Count(x.Shape.Skip(axis + 1));
        long[] shape = [.. x.Shape];
        shape[axis] = _count;
        if (_indices) node.WholeOf(shape, x.Placement);
        else node.Save(node.Like(x, shape, x.Placement).Length);
    }

    public override bool KeepsInput(int input, bool[] wants) => false;

    public override void Forward(ForwardContext context)
    {
        Tensor x = context.Input(0);
        float* from = x.Data, to = context.Output.Data;
        int* saved = (int*)context.Saved;
        context.Workers.Run(x.Parts * _outer * _inner, Math.Max(Vectors.Grain / Math.Max(_along, 1), 1), (start, end) =>
        {
            float[] values = new float[_along];
            int[] order = new int[_along];
            System.Comparison<int> best = (a, b) => Compare(values[a], values[b]) is var c && c != 0 ? _sign * c : a.CompareTo(b);
            for (long row = start; row < end; row++)
            {
                (long outer, long inner) = Math.DivRem(row, _inner);
                float* read = from + (outer * _along * _inner) + inner;
                for (int i = 0; i < _along; i++) (values[i], order[i]) = (read[i * _inner], i);
                Array.Sort(order, best);
                for (int i = 0; i < _count; i++)
                {
                    long place = (((outer * _count) + i) * _inner) + inner;
                    to[place] = _indices ? order[i] : values[order[i]];
                    if (!_indices) saved[place] = order[i];
                }
            }
        });
    }

    public override void Backward(BackwardContext context)
    {
        NativeBuffer<float> gradient = context.RentZero(0);
        float* delta = context.Gradient, to = gradient.Pointer;
        int* saved = (int*)context.Saved;
        long period = context.Output.Total, length = context.Batch * context.Output.Length;
        for (long place = 0; place < length; place++)
        {
            (long row, long inner) = Math.DivRem(place, _inner);
            to[(((row / _count * _along) + saved[place % period]) * _inner) + inner] = delta[place];
        }

        context.Give(0, gradient);
    }

    private static int Compare(float a, float b) =>
        float.IsNaN(a) || float.IsNaN(b) ? float.IsNaN(a).CompareTo(float.IsNaN(b)) : a.CompareTo(b);
}
