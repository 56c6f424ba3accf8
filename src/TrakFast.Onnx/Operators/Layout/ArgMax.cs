namespace TrakFast.Onnx;

/// <summary>Where the largest or smallest element lies along an axis: the first or, where asked, the last of several.</summary>
internal sealed unsafe class ArgMax : Operator
{
    private readonly bool _smallest;
    private readonly bool _last;
    private readonly long _along;
    private readonly long _inner;

    public ArgMax(NodeBuilder node, bool smallest)
        : base(node, inputs: 1)
    {
        _smallest = smallest;
        _last = node.Node.Integer("select_last_index", 0) != 0;
        Value x = node.Data(0);
        int axis = node.OwnAxis(node.Node.Integer("axis", 0), x);
        (_along, _inner) = (x.Shape[axis], Shapes.Count(x.Shape.Skip(axis + 1)));
        if (_along == 0) throw node.Refuse($"looks along axis {axis} of {x}, which is empty");
        bool keep = node.Node.Integer("keepdims", 1) != 0;
        long[] shape = [.. x.Shape[..axis], .. keep ? [1L] : Array.Empty<long>(), .. x.Shape[(axis + 1)..]];
        node.WholeOf(shape, keep || x.Placement.Axis < axis ? x.Placement : x.Placement.Moved(x.Placement.Axis - 1));
    }

    public override bool KeepsInput(int input, bool[] wants) => false;

    public override void Forward(ForwardContext context)
    {
        Tensor x = context.Input(0), y = context.Output;
        float* from = x.Data, to = y.Data;
        context.Workers.Run(y.Total, Math.Max(Vectors.Grain / _along, 1), (start, end) =>
        {
            for (long row = start; row < end; row++)
            {
                float* values = from + (row / _inner * _along * _inner) + (row % _inner);
                long best = 0;
                for (long i = 1; i < _along; i++)
                {
                    float value = values[i * _inner], other = values[best * _inner];
                    if ((_smallest ? value < other : value > other) || (_last && value == other)) best = i;
                }

                to[row] = best;
            }
        });
    }

    public override void Backward(BackwardContext context)
    {
    }
}
