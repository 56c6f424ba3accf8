namespace TrakFast.Onnx;

/// <summary>The sizes of a value, or some of them. The size of the examples' axis is marked.</summary>
internal sealed class ShapeOf : KnownOperator
{
    public ShapeOf(NodeBuilder node)
        : base(node, inputs: 1)
    {
        Value x = node.Peek(0);
        int start = Bound(node.Node.Integer("start", 0), x.Rank),
            end = Math.Max(Bound(node.Node.Integer("end", long.MaxValue), x.Rank), start);
        Mark[] marks = [.. Enumerable.Range(start, end - start)
            .Select(axis => x.Placement.HasAxis && axis == x.Placement.Axis ? Mark.Counted : Mark.None)];
        node.Known(node.Seen(x)[start..end], [end - start], Placement.Shared, marks);
    }

    private static int Bound(long axis, int rank) => (int)Math.Clamp(axis < 0 ? axis + rank : axis, 0, rank);
}
