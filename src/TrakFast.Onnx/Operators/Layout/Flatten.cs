namespace TrakFast.Onnx;

/// <summary>The same elements as a matrix.</summary>
internal sealed class Flatten : ViewOperator
{
    public Flatten(NodeBuilder node)
        : base(node, inputs: 1)
    {
        Value x = node.Peek(0);
        long given = node.Node.Integer("axis", 1);
        int axis = given == x.Rank ? x.Rank : node.Axis(given, x.Rank);
        long[] seen = node.Seen(x);
        Declare(node, x, [Shapes.Count(seen.Take(axis)), Shapes.Count(seen.Skip(axis))]);
    }
}
