namespace TrakFast.Onnx;

/// <summary>How two values broadcast without letting examples meet.</summary>
internal static class Examples
{
    /// <summary>The shape of two values together, both example by example or one of them the same for all examples.</summary>
    public static long[] Broadcast(GraphNode node, Tensor a, Tensor b)
    {
        if (a.Batched || b.Batched)
        {
            Tensor batched = a.Batched ? a : b, other = a.Batched ? b : a;
            bool apart = other.Batched ? other.Rank == batched.Rank : other.Rank < batched.Rank || (other.Rank == batched.Rank && other.Shape[0] == 1);
            if (!apart) throw node.Wrong($"combines {a} and {b} so that different examples would meet or get different constants");
        }

        try
        {
            return HostBroadcast.Shape(a.Shape, b.Shape);
        }
        catch (TrakException error)
        {
            throw node.Wrong($"combines {a} and {b}, which do not broadcast ({error.Message.TrimEnd('.')})");
        }
    }

    /// <summary>An operand's shape without the example axis: its own, or the leading 1 that stands for it.</summary>
    public static ReadOnlySpan<long> Part(Tensor x, Tensor result) =>
        x.Batched || !result.Batched || x.Rank < result.Rank ? x.ExampleShape : x.Shape.AsSpan(1);
}
