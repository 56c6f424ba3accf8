namespace TrakFast.Onnx;

/// <summary>Elements of one axis by their indices: known beforehand, or computed from the examples as token ids are.</summary>
internal static class Gather
{
    public static Operator Create(NodeBuilder node)
    {
        if (node.InputCount != 2 || !node.Has(0) || !node.Has(1)) throw node.Refuse($"has {node.InputCount} inputs; 2 are wanted");
        Value indices = node.Peek(1);
        if (indices.Marks is not null) return new GatherOwn(node);
        return indices.Numbers is null ? new GatherRows(node) : new GatherKnown(node);
    }
}

/// <summary>Elements at indices known beforehand.</summary>
internal sealed class GatherKnown : PickOperator
{
    public GatherKnown(NodeBuilder node)
        : base(node, inputs: 2)
    {
        Value x = node.Peek(0), indices = node.Peek(1);
        int axis = node.Axis(node.Node.Integer("axis", 0), x.Rank);
        if (x.Placement.HasAxis && indices.Placement.HasAxis)
            throw node.Refuse($"picks from {x} by {indices}, so that examples would meet");
        long size = node.Seen(x)[axis];
        int[]?[] picks = new int[]?[x.Rank];
        picks[axis] = [.. indices.Numbers!.Select(i => i >= -size && i < size
            ? (int)(i < 0 ? i + size : i)
            : throw node.Refuse($"wants element {i} of axis {axis} of {x}"))];

        // The axis is replaced by those of the indices.
        Declare(node, picks, (picked, placement) => (
            [.. picked[..axis], .. indices.Shape, .. picked[(axis + 1)..]],
            indices.Placement.HasAxis ? indices.Placement.Moved(axis + indices.Placement.Axis)
                : placement.HasAxis && placement.Axis > axis ? placement.Moved(placement.Axis + indices.Rank - 1)
                : placement.Batched || !indices.Batched ? placement : Placement.Hidden));
    }
}
