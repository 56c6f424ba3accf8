namespace TrakFast.Onnx;

/// <summary>Values kept between two numbers, either of which may be left out; they come as inputs.</summary>
internal sealed unsafe class Clip(GraphNode node) : Operator(node, inputs: 1, optionalInputs: 2)
{
    public override void Forward(ForwardContext context)
    {
        Tensor x = context.Input(0);
        ClipFunction function = new(
            context.Has(1) ? Bound(context.Input(1)) : float.NegativeInfinity,
            context.Has(2) ? Bound(context.Input(2)) : float.PositiveInfinity);
        Tensor y = context.Allocate(x.Shape, x.Batched);
        VectorMap.Forward(context.Workers, function, x.Data, y.Data, x.Length);
    }

    public override void Backward(BackwardContext context)
    {
        Tensor x = context.Input(0), y = context.Output;
        ClipFunction function = new(
            context.Has(1) ? Bound(context.Input(1)) : float.NegativeInfinity,
            context.Has(2) ? Bound(context.Input(2)) : float.PositiveInfinity);
        var gradient = context.TakeGradient();
        for (int b = 0; b < (x.Batched ? 1 : context.Batch); b++)
            VectorMap.Backward(context.Workers, function, x.Data, y.Data, gradient.Pointer + (b * x.Length), x.Length);
        context.Give(0, gradient);
    }

    private float Bound(Tensor value) => !value.Batched && value.Length == 1
        ? *value.Data
        : throw Refuse($"has a bound of shape {value}; one number for all examples is wanted");
}
