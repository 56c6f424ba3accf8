namespace TrakFast.Onnx;

/// <summary>The same elements without axes of size 1. Axes come as an attribute or, in later opsets, as an input.</summary>
internal sealed class Squeeze : ViewOperator
{
    public Squeeze(NodeBuilder node)
        : base(node, inputs: 1, optionalInputs: node.Opset < 13 ? 0 : 1)
    {
        Value x = node.Peek(0);
        IReadOnlyList<long>? axes = node.Has(1) ? node.Integers(1) : node.Node.Integers("axes");
        long[] seen = node.Seen(x);
        HashSet<int> gone = axes is null
            ? [.. Enumerable.Range(0, x.Rank).Where(i => seen[i] == 1)]
            : [.. axes.Select(a => node.OwnAxis(a, x))];
        if (gone.Any(i => seen[i] != 1))
            throw node.Refuse($"removes the axes {string.Join(", ", gone)} of {x}, which are not all of size 1");
        node.ViewOf(
            0, [.. x.Shape.Where((_, i) => !gone.Contains(i))],
            x.Placement.Moved(x.Placement.Axis - gone.Count(g => g < x.Placement.Axis)));
    }
}
