namespace TrakFast.Onnx;

/// <summary>The same elements with more axes of size 1, numbered as in the output.</summary>
internal sealed class Unsqueeze : ViewOperator
{
    public Unsqueeze(NodeBuilder node)
        : base(node, inputs: node.Opset < 13 ? 1 : 2)
    {
        Value x = node.Peek(0);
        IReadOnlyList<long> axes = node.Opset < 13 ? node.Node.Integers("axes") ?? throw node.Refuse("has no axes") : node.Integers(1);
        int rank = x.Rank + axes.Count;
        HashSet<int> added = [.. axes.Select(a => node.Axis(a, rank))];
        if (added.Count != axes.Count) throw node.Refuse($"adds the axes {Shapes.Text(axes)}, one of them twice");
        int[] old = [.. Enumerable.Range(0, rank).Where(i => !added.Contains(i))];
        long[] shape = new long[rank];
        Array.Fill(shape, 1);
        for (int i = 0; i < old.Length; i++) shape[old[i]] = x.Shape[i];
        node.ViewOf(0, shape, x.Placement.HasAxis ? x.Placement.Moved(old[x.Placement.Axis]) : x.Placement);
    }
}
