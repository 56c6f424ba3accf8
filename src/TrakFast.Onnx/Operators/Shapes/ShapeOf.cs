namespace TrakFast.Onnx;

/// <summary>The sizes of a value, or some of them. The size of an example's axis is marked as counted.</summary>
internal sealed class ShapeOf : Operator
{
    private readonly long _start;
    private readonly long _end;

    public ShapeOf(GraphNode node)
        : base(node, inputs: 1)
    {
        _start = node.Integer("start", 0);
        _end = node.Integer("end", long.MaxValue);
    }

    public override void Forward(ForwardContext context)
    {
        Tensor x = context.Any(0);
        int start = Bound(_start, x.Rank), end = Math.Max(Bound(_end, x.Rank), start);
        bool[]? counted = x.Batched ? [.. Enumerable.Range(start, end - start).Select(static axis => axis == 0)] : null;
        context.SetIntegers(x.Shape[start..end], [end - start], batched: false, counted);
    }

    public override void Backward(BackwardContext context)
    {
    }

    private static int Bound(long axis, int rank) => (int)Math.Clamp(axis < 0 ? axis + rank : axis, 0, rank);
}
