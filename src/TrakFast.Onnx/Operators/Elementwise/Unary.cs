namespace TrakFast.Onnx;

/// <summary>An operator that applies one function to every element.</summary>
internal sealed unsafe class Unary<T> : Operator
    where T : struct, IVectorFunction
{
    private readonly T _function;

    public Unary(GraphNode node, T function)
        : base(node, inputs: 1) => _function = function;

    public override void Forward(ForwardContext context)
    {
        Tensor x = context.Input(0);
        Tensor y = context.Allocate(x.Shape, x.Batched);
        VectorMap.Forward(context.Workers, _function, x.Data, y.Data, x.Length);
    }

    public override void Backward(BackwardContext context)
    {
        Tensor x = context.Input(0), y = context.Output;
        var gradient = context.TakeGradient();
        for (int b = 0; b < (x.Batched ? 1 : context.Batch); b++)
            VectorMap.Backward(context.Workers, _function, x.Data, y.Data, gradient.Pointer + (b * x.Length), x.Length);
        context.Give(0, gradient);
    }
}
