namespace TrakFast.Onnx;

/// <summary>The product of whole numbers, as of sizes to a number of elements.</summary>
internal sealed class WholeProduct : Operator
{
    private readonly ReducedAxes _axes;

    public WholeProduct(GraphNode node, bool axesAreAttribute)
        : base(node, inputs: 1, optionalInputs: axesAreAttribute ? 0 : 1) => _axes = new ReducedAxes(node, axesAreAttribute);

    public override void Forward(ForwardContext context)
    {
        Tensor x = context.Any(0);
        if (!x.IsInteger || x.Batched || x.Rank > 1) throw Refuse($"multiplies the elements of {x}; only a list of whole numbers that all examples share is supported");
        bool[] reduced = _axes.Of(x, context.Has(1) ? context.Integers(1) : null);
        if (reduced.Contains(false))
        {
            context.View(x, x.Shape);
            return;
        }

        bool[]? counted = x.Counted is null ? null : [x.Counted.Contains(true)];
        context.SetIntegers([x.Integers.Aggregate(1L, static (product, v) => unchecked(product * v))], _axes.Result(x, reduced), batched: false, counted);
    }

    public override void Backward(BackwardContext context)
    {
    }
}
