namespace TrakFast.Onnx;

/// <summary>An operator whose output is its input's memory under another shape.</summary>
internal abstract class ViewOperator : Operator
{
    protected ViewOperator(NodeBuilder node, int inputs, int optionalInputs = 0)
        : base(node, inputs, optionalInputs)
    {
    }

    public sealed override bool IsView => true;

    public sealed override bool SharesGradient(int input) => true;

    public sealed override bool KeepsInput(int input, bool[] wants) => false;

    public sealed override void Forward(ForwardContext context)
    {
    }

    public sealed override void Backward(BackwardContext context) => context.Share(0);

    /// <summary>
    /// Declares the input's elements under the shape that the graph sees. The examples stay where they are in the order of
    /// elements, so the axis that this place falls into holds them now.
    /// </summary>
    protected static void Declare(NodeBuilder node, Value x, long[] seen)
    {
        if (!x.Placement.HasAxis)
        {
            node.ViewOf(0, seen, x.Placement);
            return;
        }

        long before = checked(Shapes.Count(x.Shape.Take(x.Placement.Axis)) * x.Placement.Outer), prefix = 1;
        for (int axis = 0; axis < seen.Length; axis++)
        {
            long next = checked(prefix * seen[axis]);
            if (prefix <= before && before < next)
            {
                long outer = before / prefix;
                if (outer * prefix != before || seen[axis] % (outer * node.Examples) != 0) break;
                long[] shape = [.. seen];
                shape[axis] /= node.Examples;
                node.ViewOf(0, shape, Placement.On(axis, outer));
                return;
            }

            prefix = next;
        }

        throw node.Refuse($"turns {x} into {Text(node, seen)}, which would mix the examples");
    }

    /// <summary>A shape as people write it, B for the number of examples.</summary>
    protected static string Text(NodeBuilder node, IEnumerable<long> seen) => $"[{string.Join(", ", seen.Select(s =>
        node.Examples <= 1 || s < node.Examples || s % node.Examples != 0 ? $"{s}" : s == node.Examples ? "B" : $"{s / node.Examples}·B"))}]";
}

/// <summary>The input itself.</summary>
internal sealed class Identity : ViewOperator
{
    public Identity(NodeBuilder node)
        : base(node, inputs: 1) => node.ViewOf(0, node.Peek(0).Shape, node.Peek(0).Placement);
}

/// <summary>Dropout as in inference: the input itself.</summary>
internal sealed class Dropout : ViewOperator
{
    public Dropout(NodeBuilder node)
        : base(node, inputs: 1, optionalInputs: 2)
    {
        if (node.Has(2) && node.Integers(2) is [not 0]) throw node.Refuse("is in training mode; export the model in evaluation mode");
        node.ViewOf(0, node.Peek(0).Shape, node.Peek(0).Placement);
    }
}
