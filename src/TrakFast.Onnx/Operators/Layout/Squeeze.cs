namespace TrakFast.Onnx;

/// <summary>The same elements without axes of size 1. Axes come as an attribute or, in later opsets, as an input.</summary>
internal sealed class Squeeze : ViewOperator
{
    private readonly IReadOnlyList<long>? _axes;

    public Squeeze(GraphNode node, bool axesAreAttribute)
        : base(node, inputs: 1, optionalInputs: axesAreAttribute ? 0 : 1) => _axes = axesAreAttribute ? node.Integers("axes") : null;

    protected override long[] Shape(ForwardContext context, Tensor x)
    {
        IReadOnlyList<long>? axes = context.Has(1) ? context.Integers(1) : _axes;

        // Without axes every 1 goes, except the one that a batch of one example has in front.
        if (axes is null) return [.. x.Shape.Where((s, i) => s != 1 || (x.Batched && i == 0))];
        HashSet<int> gone = [.. axes.Select(a => Axis(a, x.Rank))];
        if (x.Batched && gone.Contains(0)) throw Refuse("removes axis 0, which holds the examples");
        return gone.Any(i => x.Shape[i] != 1)
            ? throw Refuse($"removes the axes {string.Join(", ", gone)} of {x}, which are not all of size 1")
            : [.. x.Shape.Where((_, i) => !gone.Contains(i))];
    }
}
