namespace TrakFast.Onnx;

/// <summary>Elements of one axis by their indices, which all examples share.</summary>
internal sealed class Gather : PickOperator
{
    private readonly long _axis;

    public Gather(GraphNode node)
        : base(node, inputs: 2) => _axis = node.Integer("axis", 0);

    protected override int[]?[] Picks(ForwardContext context, Tensor x)
    {
        int axis = Axis(_axis, x.Rank);
        long size = x.Shape[axis];
        int[]?[] picks = new int[]?[x.Rank];
        picks[axis] = [.. context.Integers(1).Select(i => i >= -size && i < size
            ? (int)(i < 0 ? i + size : i)
            : throw Refuse($"wants element {i} of axis {axis} of {x}"))];
        return picks;
    }

    // The axis is replaced by those of the indices.
    protected override long[] Shape(ForwardContext context, long[] picked)
    {
        int axis = Axis(_axis, picked.Length);
        return [.. picked[..axis], .. context.Any(1).Shape, .. picked[(axis + 1)..]];
    }
}
