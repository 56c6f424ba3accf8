using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>
/// Between floating-point and whole numbers. Every floating-point type is computed in float32, so that casts among them
/// change nothing.
/// </summary>
internal sealed unsafe class Cast : Operator
{
    private readonly ElementType _to;

    public Cast(GraphNode node)
        : base(node, inputs: 1) => _to = TensorReader.Type((int)node.Integer("to", 0)) ?? throw node.Wrong($"casts to the element type {node.Integer("to", 0)}, which is not supported");

    public override void Forward(ForwardContext context)
    {
        Tensor x = context.Any(0);
        if (x.IsInteger == !_to.IsFloat() && _to != ElementType.Bool) context.View(x, x.Shape);
        else if (_to.IsFloat()) ToFloats(context, x);
        else ToWhole(context, x);
    }

    public override void Backward(BackwardContext context)
    {
        if (!context.Input(0).IsInteger) context.Give(0, context.TakeGradient());
    }

    private void ToFloats(ForwardContext context, Tensor x)
    {
        if (x.Counted?.Contains(true) == true) throw Refuse("makes the number of examples part of a result");
        Tensor y = context.Allocate(x.Shape, x.Batched);
        for (int i = 0; i < x.Length; i++) y.Data[i] = x.Integers[i];
    }

    private void ToWhole(ForwardContext context, Tensor x)
    {
        long[] values = new long[x.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = x.IsInteger ? x.Integers[i] : (long)x.Data[i];
            if (_to == ElementType.Bool) values[i] = (x.IsInteger ? x.Integers[i] : x.Data[i]) != 0 ? 1 : 0;
        }

        context.SetIntegers(values, x.Shape, x.Batched, x.Counted);
    }
}
