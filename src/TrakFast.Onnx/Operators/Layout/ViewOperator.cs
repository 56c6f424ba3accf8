namespace TrakFast.Onnx;

/// <summary>An operator whose output is its input's memory under another shape.</summary>
internal abstract class ViewOperator : Operator
{
    protected ViewOperator(GraphNode node, int inputs, int optionalInputs = 0)
        : base(node, inputs, optionalInputs)
    {
    }

    public override void Forward(ForwardContext context)
    {
        Tensor x = context.Any(0);
        long[] shape = Shape(context, x);
        if (x.Batched && (shape.Length == 0 || shape[0] != x.Shape[0]))
            throw Refuse($"turns {x} into {Shapes.Text(shape)}, which would mix the {x.Shape[0]} examples of axis 0");
        context.View(x, shape);
    }

    public override void Backward(BackwardContext context) => context.Give(0, context.TakeGradient());

    /// <summary>The output's shape, of as many elements.</summary>
    protected abstract long[] Shape(ForwardContext context, Tensor x);
}

/// <summary>The input itself.</summary>
internal sealed class Identity(GraphNode node) : ViewOperator(node, inputs: 1)
{
    protected override long[] Shape(ForwardContext context, Tensor x) => x.Shape;
}

/// <summary>Dropout as in inference: the input itself.</summary>
internal sealed class Dropout(GraphNode node) : ViewOperator(node, inputs: 1, optionalInputs: 2)
{
    protected override long[] Shape(ForwardContext context, Tensor x) =>
        context.Has(2) && context.Integers(2) is [not 0]
            ? throw Refuse("is in training mode; export the model in evaluation mode")
            : x.Shape;
}
