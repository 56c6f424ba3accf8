namespace TrakFast.Onnx;

/// <summary>Every step-th index of some axes, from a start up to an end, as in Python.</summary>
internal sealed class Slice(GraphNode node) : PickOperator(node, inputs: 3, optionalInputs: 2)
{
    protected override int[]?[] Picks(ForwardContext context, Tensor x)
    {
        long[] starts = context.Integers(1), ends = context.Integers(2);
        long[] axes = context.Has(3) ? context.Integers(3) : [.. Enumerable.Range(0, starts.Length).Select(static i => (long)i)];
        long[] steps = context.Has(4) ? context.Integers(4) : [.. Enumerable.Repeat(1L, starts.Length)];
        if (ends.Length != starts.Length || axes.Length != starts.Length || steps.Length != starts.Length)
            throw Refuse($"has {starts.Length} starts, {ends.Length} ends, {axes.Length} axes and {steps.Length} steps");
        int[]?[] picks = new int[]?[x.Rank];
        for (int i = 0; i < axes.Length; i++)
        {
            int axis = Axis(axes[i], x.Rank);
            if (steps[i] == 0) throw Refuse("has a step of 0");
            picks[axis] = Range(x.Shape[axis], starts[i], ends[i], steps[i]);
        }

        return picks;
    }

    // Null where the slice is all of the axis, which is allowed for the examples too.
    private static int[]? Range(long size, long start, long end, long step)
    {
        long lowest = step > 0 ? 0 : -1, highest = step > 0 ? size : size - 1;
        long from = Math.Clamp(start < 0 ? Math.Max(start, -size) + size : start, step > 0 ? 0 : -1, highest);
        long to = Math.Clamp(end < 0 ? (end < -size ? -1 : end + size) : end, lowest, highest);
        if (from == 0 && to == size && step == 1) return null;
        List<int> picked = [];
        for (Int128 i = from; step > 0 ? i < to : i > to; i += step) picked.Add((int)i);
        return [.. picked];
    }
}
