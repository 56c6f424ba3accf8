namespace TrakFast.Onnx;

/// <summary>Indices as vectors that hold one value at the index and another elsewhere, along a new axis.</summary>
internal sealed unsafe class OneHot : Operator
{
    private readonly long _depth;
    private readonly long _inner;
    private readonly float _off;
    private readonly float _on;

    public OneHot(NodeBuilder node)
        : base(node, inputs: 3)
    {
        Value indices = node.Data(0), values = node.Peek(2);
        if (node.Peek(1).Length != 1) throw node.Refuse($"has depths {node.Peek(1)}; one is wanted");
        _depth = (long)node.Number(1, "a depth");
        if (_depth is < 1 or > int.MaxValue) throw node.Refuse($"has the depth {_depth}");
        if (values.Length != 2 || !values.Known) throw node.Refuse($"has the values {values}; two constant ones are wanted");
        (_off, _on) = values.Constant is { } numbers ? (numbers[0], numbers[1]) : (node.Integers(2)[0], node.Integers(2)[1]);
        long given = node.Node.Integer("axis", -1);
        int axis = node.Axis(given, indices.Rank + 1);
        _inner = Shapes.Count(indices.Shape.Skip(axis));
        long[] shape = [.. indices.Shape[..axis], _depth, .. indices.Shape[axis..]];
        node.Like(values, shape, indices.Placement.Axis >= axis ? indices.Placement.Moved(indices.Placement.Axis + 1) : indices.Placement);
    }

    public override bool KeepsInput(int input, bool[] wants) => false;

    public override void Forward(ForwardContext context)
    {
        Tensor indices = context.Input(0), y = context.Output;
        new Span<float>(y.Data, checked((int)y.Total)).Fill(_off);
        for (long i = 0; i < indices.Total; i++)
        {
            long index = (long)indices.Data[i] + (indices.Data[i] < 0 ? _depth : 0);
            if (index >= 0 && index < _depth) y.Data[((((i / _inner) * _depth) + index) * _inner) + (i % _inner)] = _on;
        }
    }

    public override void Backward(BackwardContext context)
    {
    }
}
