namespace TrakFast.Onnx;

/// <summary>Every step-th index of some axes, from a start up to an end, as in Python.</summary>
internal sealed class Slice : PickOperator
{
    public Slice(NodeBuilder node)
        : base(node, inputs: 3, optionalInputs: 2)
    {
        Value x = node.Peek(0);
        long[] starts = node.Sizes(1).Numbers!, ends = node.Sizes(2).Numbers!, seen = node.Seen(x);
        long[] axes = node.Has(3) ? node.Integers(3) : [.. Enumerable.Range(0, starts.Length).Select(static i => (long)i)];
        long[] steps = node.Has(4) ? node.Integers(4) : [.. Enumerable.Repeat(1L, starts.Length)];
        if (ends.Length != starts.Length || axes.Length != starts.Length || steps.Length != starts.Length)
            throw node.Refuse($"has {starts.Length} starts, {ends.Length} ends, {axes.Length} axes and {steps.Length} steps");
        int[]?[] picks = new int[]?[x.Rank];
        HashSet<int> sliced = [];
        for (int i = 0; i < axes.Length; i++)
        {
            int axis = node.Axis(axes[i], x.Rank);
            if (!sliced.Add(axis)) throw node.Refuse($"slices axis {axis} twice");
            if (steps[i] == 0) throw node.Refuse("has a step of 0");
            if (axis != x.Placement.Axis && (node.Peek(1).MarkOf(i) != Mark.None
                || (node.Peek(2).MarkOf(i) != Mark.None && !ReachesTheEnd(node, ends[i], seen[axis]))))
                throw node.Refuse($"slices axis {axis} of {x} by the number of examples, so that its result would depend on the batch");
            picks[axis] = Range(node, x, axis, seen[axis], starts[i], ends[i], steps[i]);
        }

        Declare(node, picks);
    }

    // A multiple of the number of examples lies behind the end already where there is one.
    private static bool ReachesTheEnd(NodeBuilder node, long end, long size) =>
        end > 0 && end % node.Examples == 0 && end / node.Examples >= size;

    // Null where the slice is all of the axis, which is allowed for the examples too.
    private static int[]? Range(NodeBuilder node, Value x, int axis, long size, long start, long end, long step)
    {
        long lowest = step > 0 ? 0 : -1, highest = step > 0 ? size : size - 1;
        long from = Math.Clamp(start < 0 ? Math.Max(start, -size) + size : start, step > 0 ? 0 : -1, highest);
        long to = Math.Clamp(end < 0 ? (end < -size ? -1 : end + size) : end, lowest, highest);
        if (from == 0 && to == size && step == 1) return null;
        node.RefuseExamples(axis, x);
        node.RefuseTable(size);
        List<int> picked = [];
        for (Int128 i = from; step > 0 ? i < to : i > to; i += step) picked.Add((int)i);
        return [.. picked];
    }
}
