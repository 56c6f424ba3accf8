using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>
/// Between floating-point numbers, whole numbers and truth values. Every type is kept as float32, so that casts among
/// floating-point types, and from whole numbers to them, change nothing.
/// </summary>
internal sealed unsafe class Cast : Operator
{
    private readonly ElementType _to;
    private readonly bool _view;

    public Cast(NodeBuilder node)
        : this(node, node.Node.Integer("to", 0), 1)
    {
    }

    private Cast(NodeBuilder node, long to, int inputs)
        : base(node, inputs)
    {
        _to = TensorReader.Type((int)Math.Clamp(to, -1, int.MaxValue))
            ?? throw node.Refuse($"casts to the element type {to}, which is not supported");
        Value x = node.Peek(0);
        if (x.Numbers is not null && !_to.IsFloat())
        {
            if (_to == ElementType.Bool) WholeNumbers.Map(node, x, static v => v != 0 ? 1 : 0);
            else _view = node.ViewOf(0, x.Shape, x.Placement) is not null;
            return;
        }

        x = node.Data(0);
        _view = _to.IsFloat() == !x.Whole || (_to != ElementType.Bool && x.Whole && !_to.IsFloat());
        if (_view) node.ViewOf(0, x.Shape, x.Placement);
        else if (_to.IsFloat()) node.Float(x.Shape, x.Placement);
        else node.WholeOf(x.Shape, x.Placement);
    }

    public override bool IsView => _view;

    public override bool SharesGradient(int input) => _view;

    public override bool ReusesGradient => true;

    /// <summary>The same with the type of another input.</summary>
    public static Cast Like(NodeBuilder node) =>
        new(node, (long)TensorReader.Type(node.Has(1) && node.Peek(1).Whole ? ElementType.Int64 : ElementType.Float32), 2);

    public override bool KeepsInput(int input, bool[] wants) => false;

    public override void Forward(ForwardContext context)
    {
        Tensor x = context.Input(0);
        float* from = x.Data, to = context.Output.Data;
        for (long i = 0; i < x.Total; i++)
            to[i] = _to == ElementType.Bool ? (from[i] != 0 ? 1 : 0) : _to.IsFloat() ? from[i] : MathF.Truncate(from[i]);
    }

    public override void Backward(BackwardContext context)
    {
        if (!context.Input(0).Value.Whole) context.Share(0);
    }
}
