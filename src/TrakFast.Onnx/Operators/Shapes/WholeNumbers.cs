namespace TrakFast.Onnx;

/// <summary>
/// Arithmetic on whole numbers that follow from the model and its inputs' shapes: sizes, axes, indices. What they depend
/// on goes along.
/// </summary>
internal static class WholeNumbers
{
    /// <summary>Declares f(a, b), broadcast to a shape.</summary>
    public static void Combine(NodeBuilder node, Value a, Value b, long[] shape, Placement placement, Func<long, long, long> f)
    {
        node.RefuseTable(shape);
        int[] placesA = HostBroadcast.Places(a.Shape, shape), placesB = HostBroadcast.Places(b.Shape, shape);
        long[] values = new long[placesA.Length];
        Mark[]? marks = a.Marks is null && b.Marks is null ? null : new Mark[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            (long x, long y) = (a.Numbers![placesA[i]], b.Numbers![placesB[i]]);
            values[i] = f(x, y);
            if (marks is not null) marks[i] = Together(a.MarkOf(placesA[i]), x, b.MarkOf(placesB[i]), y, f);
        }

        node.Known(values, shape, placement, marks);
    }

    /// <summary>Declares f(x).</summary>
    public static void Map(NodeBuilder node, Value x, Func<long, long> f) =>
        node.Known(
            [.. x.Numbers!.Select(f)], x.Shape, x.Placement,
            x.Marks is null ? null : [.. x.Marks.Select(static m => m == Mark.None ? m : Mark.Counted)]);

    /// <summary>The marks of a + b or a − b, broadcast to a shape; null where there are none.</summary>
    public static Mark[]? Sum(NodeBuilder node, Value a, Value b, long[] shape, Func<long, long, long> f)
    {
        if (a.Marks is null && b.Marks is null) return null;
        node.RefuseTable(shape);
        int[] placesA = HostBroadcast.Places(a.Shape, shape), placesB = HostBroadcast.Places(b.Shape, shape);
        return [.. placesA.Select((p, i) => Together(a.MarkOf(p), 0, b.MarkOf(placesB[i]), 0, f))];
    }

    /// <summary>Declares the elements of the first input at the given places, known beforehand or not; −1 stands for a filler.</summary>
    public static void Move(NodeBuilder node, int[] places, long[] shape, Placement placement, long filler = 0)
    {
        Value x = node.Peek(0);
        if (x.Numbers is not null) node.Known([.. places.Select(p => p < 0 ? filler : x.Numbers[p])], shape, placement, Moved(x, places));
        else
        {
            node.Data(0, marked: true);
            node.WholeOf(shape, placement, Moved(x, places));
        }
    }

    // The marks of elements at the given places; −1 stands for a filler.
    private static Mark[]? Moved(Value x, int[] places) => x.Marks is null ? null : [.. places.Select(p => p < 0 ? Mark.None : x.Marks[p])];

    // Looks how the result moves with the example's own index, at the first examples, at one far behind, and where the two
    // operands meet: by the same amount for each next example, or not at all as when an index is compared with a negative
    // number, it can be said; anything else depends on the number of examples.
    private static Mark Together(Mark a, long x, Mark b, long y, Func<long, long, long> f)
    {
        if (a == Mark.None && b == Mark.None) return Mark.None;
        if (a == Mark.Counted || b == Mark.Counted) return Mark.Counted;
        long first = At(0), step = At(1) - first;
        long meet = a == b ? 0 : Math.Clamp((y - x) / ((long)a - (long)b), 0, int.MaxValue);
        long[] tried = [2, 1_000_003, meet, meet + 1, Math.Max(meet - 1, 0)];
        return step >= 0 && Array.TrueForAll(tried, index => At(index) == unchecked(first + (index * step))) ? (Mark)step : Mark.Counted;

        long At(long index) => unchecked(f(x + ((long)a * index), y + ((long)b * index)));
    }
}
