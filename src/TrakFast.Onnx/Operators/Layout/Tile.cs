namespace TrakFast.Onnx;

/// <summary>A value repeated whole along its axes. Repeated as often as there are examples, each gets its own.</summary>
internal static class Tile
{
    public static Operator Create(NodeBuilder node)
    {
        if (node.InputCount != 2 || !node.Has(0) || !node.Has(1)) throw node.Refuse($"has {node.InputCount} inputs; 2 are wanted");
        Value x = node.Peek(0), repeats = node.Sizes(1);
        if (repeats.Rank != 1 || repeats.Length != x.Rank)
            throw node.Refuse($"repeats {x} {Shapes.Text(repeats.Numbers!)} times, which do not fit");
        int[] counted = [.. Enumerable.Range(0, x.Rank).Where(i => repeats.MarkOf(i) != Mark.None
            || (node.StatesExamples && i == 0 && !x.Batched && x.Shape[0] == 1 && repeats.Numbers![0] == node.Examples))];
        if (counted.Length == 0) return new TileKnown(node, repeats.Numbers!);
        int axis = counted[0];
        if (counted.Length > 1 || x.Batched || x.Shape[axis] != 1 || repeats.Numbers![axis] != node.Examples)
            throw node.Refuse($"repeats {x} as often as there are examples, so that they would meet or get different constants");
        return new TileKnown(node, [.. repeats.Numbers!.Select((r, i) => i == axis ? 1 : r)], axis);
    }

    private sealed class TileKnown : PickOperator
    {
        public TileKnown(NodeBuilder node, long[] repeats, int examples = -1)
            : base(node, inputs: 2)
        {
            Value x = node.Peek(0);
            int[]?[] picks = new int[]?[x.Rank];
            for (int axis = 0; axis < x.Rank; axis++)
            {
                Int128 size = (Int128)x.Shape[axis] * repeats[axis];
                if (repeats[axis] < 0) throw node.Refuse($"repeats {x} {Shapes.Text(repeats)} times");
                node.RefuseTable(repeats[axis] == 1 ? 0 : size);
                if (repeats[axis] != 1) picks[axis] = [.. Enumerable.Range(0, (int)size).Select(i => i % (int)x.Shape[axis])];
            }

            Declare(node, picks, (picked, placement) => (picked, examples >= 0 ? Placement.On(examples) : placement));
        }
    }
}
