namespace TrakFast.Onnx;

/// <summary>The number of a value's elements, marked where it counts the examples.</summary>
internal sealed class SizeOf : KnownOperator
{
    public SizeOf(NodeBuilder node)
        : base(node, inputs: 1)
    {
        Value x = node.Peek(0);
        node.Known([Shapes.Count(node.Seen(x))], [], Placement.Shared, [x.Placement.HasAxis ? Mark.Counted : Mark.None]);
    }
}
