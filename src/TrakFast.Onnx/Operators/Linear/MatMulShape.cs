namespace TrakFast.Onnx;

/// <summary>The sizes of one example's matrix products: a stack of [M, K] · [K, N].</summary>
internal sealed class MatMulShape
{
    private readonly int[] _placesA;
    private readonly int[] _placesB;

    private MatMulShape(long m, long n, long k, long[] result, long[] stack, long[] stackA, long[] stackB)
    {
        (M, N, K, Result) = (m, n, k, result);
        Stacks = Shapes.Count(stack);
        _placesA = HostBroadcast.Places(stackA, stack);
        _placesB = HostBroadcast.Places(stackB, stack);
    }

    public long M { get; }

    public long N { get; }

    public long K { get; }

    /// <summary>The whole result's shape, the example's axis included.</summary>
    public long[] Result { get; }

    /// <summary>Matrices of one example's result.</summary>
    public long Stacks { get; }

    /// <summary>Rows of all of an example's matrices of A.</summary>
    public long RowsOfA => Stacks * M;

    /// <summary>Where the first factor of a product begins in an example's part of A.</summary>
    public long PlaceA(long stack) => _placesA[stack] * M * K;

    /// <summary>Where the second factor begins in an example's part of B.</summary>
    public long PlaceB(long stack) => _placesB[stack] * K * N;

    /// <summary>Whether B is one matrix for all rows of A, so that the whole batch is one product.</summary>
    public bool OneMatrix(Tensor a, Tensor b) => !b.Batched && b.Rank <= 2 && a.ExampleLength == RowsOfA * K;

    /// <summary>The sizes, or null where the operands do not fit.</summary>
    public static MatMulShape? Of(Tensor a, Tensor b)
    {
        if (a.Rank == 0 || b.Rank == 0) return null;
        bool batched = a.Batched || b.Batched;
        long batch = a.Batched ? a.Shape[0] : b.Batched ? b.Shape[0] : 1;

        // A batched matrix [B, K] is a row for each example; a shared operand of equal rank has a leading 1 to drop.
        ReadOnlySpan<long> partA = Part(a, b), partB = Part(b, a);
        bool rowA = partA.Length == 1, columnB = partB.Length == 1;
        long[] sizesA = rowA ? [1, partA[0]] : partA.ToArray();
        long[] sizesB = columnB ? [partB[0], 1] : partB.ToArray();
        if (sizesA[^1] != sizesB[^2]) return null;
        long[] stackA = sizesA[..^2], stackB = sizesB[..^2], stack;
        try
        {
            stack = HostBroadcast.Shape(stackA, stackB);
        }
        catch (TrakException)
        {
            return null;
        }

        List<long> result = batched ? [batch, .. stack] : [.. stack];
        if (!rowA) result.Add(sizesA[^2]);
        if (!columnB) result.Add(sizesB[^1]);
        return new MatMulShape(sizesA[^2], sizesB[^1], sizesA[^1], [.. result], stack, stackA, stackB);
    }

    private static ReadOnlySpan<long> Part(Tensor x, Tensor other) =>
        x.Batched || !other.Batched || x.Rank < other.Rank || x.Rank <= 2 ? x.ExampleShape : x.Shape.AsSpan(1);
}
