namespace TrakFast.Onnx;

/// <summary>The same elements as a matrix.</summary>
internal sealed class Flatten : ViewOperator
{
    private readonly long _axis;

    public Flatten(GraphNode node)
        : base(node, inputs: 1) => _axis = node.Integer("axis", 1);

    protected override long[] Shape(ForwardContext context, Tensor x)
    {
        int axis = _axis == x.Rank ? x.Rank : Axis(_axis, x.Rank);
        return [Shapes.Count(x.Shape.Take(axis)), Shapes.Count(x.Shape.Skip(axis))];
    }
}
