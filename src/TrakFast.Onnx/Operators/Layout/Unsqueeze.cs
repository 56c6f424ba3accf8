namespace TrakFast.Onnx;

/// <summary>The same elements with more axes of size 1, numbered as in the output.</summary>
internal sealed class Unsqueeze : ViewOperator
{
    private readonly IReadOnlyList<long>? _axes;

    public Unsqueeze(GraphNode node, bool axesAreAttribute)
        : base(node, inputs: axesAreAttribute ? 1 : 2) => _axes = axesAreAttribute ? node.Integers("axes") ?? throw node.Wrong("has no axes") : null;

    protected override long[] Shape(ForwardContext context, Tensor x)
    {
        IReadOnlyList<long> axes = _axes ?? context.Integers(1);
        int rank = x.Rank + axes.Count;
        HashSet<int> added = [.. axes.Select(a => Axis(a, rank))];
        if (added.Count != axes.Count) throw Refuse($"adds the axes {Shapes.Text(axes)}, one of them twice");
        if (x.Batched && added.Contains(0)) throw Refuse($"puts an axis before the examples of {x}");
        int next = 0;
        return [.. Enumerable.Range(0, rank).Select(i => added.Contains(i) ? 1 : x.Shape[next++])];
    }
}
