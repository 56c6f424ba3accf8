namespace TrakFast.Onnx;

/// <summary>
/// Arithmetic on whole numbers beside the network: sizes of shapes, axes, indices. Which of them were counted from the
/// examples goes along.
/// </summary>
internal static class WholeNumbers
{
    /// <summary>Sets the output to f(a, b), broadcast to a shape.</summary>
    public static void Combine(ForwardContext context, Tensor a, Tensor b, long[] shape, Func<long, long, long> f)
    {
        int[] placesA = HostBroadcast.Places(a.Shape, shape), placesB = HostBroadcast.Places(b.Shape, shape);
        long[] values = [.. placesA.Select((p, i) => f(a.Integers[p], b.Integers[placesB[i]]))];
        bool[]? counted = a.Counted is null && b.Counted is null ? null : [.. placesA.Select((p, i) => IsCounted(a, p) || IsCounted(b, placesB[i]))];
        context.SetIntegers(values, shape, a.Batched || b.Batched, counted);
    }

    /// <summary>Sets the output to the elements of x at the given places; −1 stands for a filler.</summary>
    public static void Move(ForwardContext context, Tensor x, long[] shape, ReadOnlySpan<int> places, long filler = 0)
    {
        long[] values = new long[places.Length];
        bool[]? counted = x.Counted is null ? null : new bool[places.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = places[i] < 0 ? filler : x.Integers[places[i]];
            if (counted is not null) counted[i] = places[i] >= 0 && x.Counted![places[i]];
        }

        context.SetIntegers(values, shape, x.Batched, counted);
    }

    /// <summary>Whether an element depends on the number of examples.</summary>
    public static bool IsCounted(Tensor x, int place) => x.Counted?[place] == true;
}
