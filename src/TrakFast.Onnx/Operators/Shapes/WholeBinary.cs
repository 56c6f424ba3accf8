namespace TrakFast.Onnx;

/// <summary>A function of two whole numbers that networks use for shapes alone; a truth value is 1 or 0.</summary>
internal sealed class WholeBinary(GraphNode node, Func<long, long, long> function) : Operator(node, inputs: 2)
{
    /// <summary>The remainder, with the divisor's sign or, as in C, with the dividend's.</summary>
    public static WholeBinary Remainder(GraphNode node)
    {
        bool asInC = node.Integer("fmod", 0) != 0;
        return new WholeBinary(node, (a, b) =>
        {
            if (b == 0) throw node.Wrong("divides a whole number by 0");
            long rest = b == -1 ? 0 : a % b;
            return !asInC && rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
        });
    }

    public override void Forward(ForwardContext context)
    {
        Tensor a = context.Any(0), b = context.Any(1);
        if (!a.IsInteger || !b.IsInteger) throw Refuse("works on floating-point numbers; only whole numbers are supported");
        WholeNumbers.Combine(context, a, b, Examples.Broadcast(Node, a, b), function);
    }

    public override void Backward(BackwardContext context)
    {
    }
}
