using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>One number repeated over a shape. Where one of the sizes is the number of examples, each has its own part.</summary>
internal sealed unsafe class ConstantOfShape : Operator
{
    private readonly float _value;

    public ConstantOfShape(NodeBuilder node)
        : base(node, inputs: 1)
    {
        DataArray value = node.Node.Attributes.GetValueOrDefault("value") switch
        {
            null => DataArray.From([0f], 1),
            ArrayAttribute { Value: { Length: 1 } one } => one,
            _ => throw node.Refuse("must hold one value"),
        };
        (long[] shape, Placement placement) = node.Made(node.Sizes(0));
        if (value.Type.IsFloat())
        {
            _value = value.ToFloats()[0];
            node.Float(shape, placement);
            return;
        }

        long length = node.WholeOf(shape, placement).Length;
        node.RefuseTable(length);
        long[] numbers = new long[length];
        Array.Fill(numbers, value.ToLongs()[0]);
        node.Known(numbers, shape, placement);
    }

    public override void Forward(ForwardContext context) =>
        new Span<float>(context.Output.Data, checked((int)context.Output.Length)).Fill(_value);

    public override void Backward(BackwardContext context)
    {
    }
}
