namespace TrakFast.Onnx;

/// <summary>Normalises the trailing axes from one on; the parameters have their shape.</summary>
internal sealed class LayerNormalization : RowNormalization
{
    private readonly long _axis;

    public LayerNormalization(GraphNode node)
        : base(node, inputs: 2, optionalInputs: 1) => _axis = node.Integer("axis", -1);

    protected override (long Row, long Run) Sizes(Tensor x, Tensor scale, Tensor? bias)
    {
        int axis = Axis(_axis, x.Rank);
        if (x.Batched && axis == 0) throw Refuse("works along axis 0, which would mix the examples");
        ReadOnlySpan<long> row = x.Shape.AsSpan(axis);
        if (scale.Batched || !row.SequenceEqual(scale.Shape) || bias is { Batched: true } || (bias is not null && !row.SequenceEqual(bias.Shape)))
            throw Refuse($"normalises {x} from axis {axis} on with {scale}{(bias is null ? "" : $" and {bias}")}; parameters of those axes' shape are wanted");
        return (Math.Max(scale.Length, 1), 1);
    }
}
