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
        node.Known([.. x.Numbers!.Select(f)], x.Shape, x.Placement, x.Marks is null ? null : [.. x.Marks.Select(static m => m == Mark.None ? m : Mark.Counted)]);

    /// <summary>The marks of elements at the given places; −1 stands for a filler.</summary>
    public static Mark[]? Moved(Value x, int[] places) => x.Marks is null ? null : [.. places.Select(p => p < 0 ? Mark.None : x.Marks[p])];

    /// <summary>Declares the elements of x at the given places; −1 stands for a filler.</summary>
    public static void Move(NodeBuilder node, Value x, int[] places, long[] shape, Placement placement, long filler = 0) =>
        node.Known([.. places.Select(p => p < 0 ? filler : x.Numbers![p])], shape, placement, Moved(x, places));

    // An own index that a function leaves alone stays one; one that is compared with 0 from above gives the same for every
    // example. Anything else depends on the number of examples.
    private static Mark Together(Mark a, long x, Mark b, long y, Func<long, long, long> f)
    {
        if (a == Mark.None && b == Mark.None) return Mark.None;
        if (a == Mark.Own && b == Mark.None) return Kept(v => f(v, y));
        if (b == Mark.Own && a == Mark.None) return Kept(v => f(x, v));
        return Mark.Counted;
    }

    private static Mark Kept(Func<long, long> f)
    {
        long[] probes = [0, 1, 2, 1_000_003];
        if (Array.TrueForAll(probes, v => f(v) == v)) return Mark.Own;
        long first = f(0);
        return Array.TrueForAll(probes, v => f(v) == first) && first is 0 or 1 ? Mark.None : Mark.Counted;
    }
}
