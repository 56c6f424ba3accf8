using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>One number repeated over a shape. Where the shape begins with the number of examples, each gets its own part.</summary>
internal sealed unsafe class ConstantOfShape : Operator
{
    private readonly DataArray _value;

    public ConstantOfShape(GraphNode node)
        : base(node, inputs: 1)
    {
        _value = node.Attributes.GetValueOrDefault("value") switch
        {
            null => DataArray.From([0f], 1),
            ArrayAttribute { Value: { Length: 1 } one } => one,
            _ => throw node.Wrong("must hold one value"),
        };
    }

    public override void Forward(ForwardContext context)
    {
        Tensor sizes = context.Sizes(0);
        bool batched = sizes.Length > 0 && WholeNumbers.IsCounted(sizes, 0);
        if (batched && sizes.Integers[0] != context.Batch)
            throw Refuse($"makes {Shapes.Text(sizes.Integers)}, whose first size depends on the {context.Batch} examples and is not their number");
        long[] shape = [.. sizes.Integers];
        if (!_value.Type.IsFloat())
        {
            long[] values = new long[context.Count(shape)];
            Array.Fill(values, _value.ToLongs()[0]);
            context.SetIntegers(values, shape, batched);
            return;
        }

        Tensor y = context.Allocate(shape, batched);
        float value = _value.ToFloats()[0];
        for (long i = 0; i < y.Length; i++) y.Data[i] = value;
    }

    public override void Backward(BackwardContext context)
    {
    }
}
