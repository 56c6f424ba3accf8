using TrakFast.Onnx.Programs;

namespace TrakFast.Onnx;

/// <summary>The sizes of one example's matrix products: a stack of [M, K] · [K, N].</summary>
internal sealed class MatMulShape
{
    private readonly long[] _stack;
    private readonly long[] _sizesA;
    private readonly long[] _sizesB;

    private MatMulShape(long[] sizesA, long[] sizesB, long[] result, long[] stack)
    {
        (_sizesA, _sizesB, _stack, Result) = (sizesA, sizesB, stack, result);
        (M, N, K) = (sizesA[^2], sizesB[^1], sizesA[^1]);
        Stacks = Shapes.Count(stack);
        OneB = Shapes.Count(sizesB[..^2]) == 1 && Shapes.Count(sizesA[..^2]) == Stacks;
        A = LyingIn(_sizesA, ParameterView.Dense(_sizesA))!;
        B = LyingIn(_sizesB, ParameterView.Dense(_sizesB))!;
        Y = LyingIn([.. stack, M, N], ParameterView.Dense([.. stack, M, N]))!;
    }

    private MatMulShape(MatMulShape from) =>
        (_sizesA, _sizesB, _stack, Result, M, N, K, Stacks, OneB, A, B, Y) =
            (from._sizesA, from._sizesB, from._stack, from.Result, from.M, from.N, from.K, from.Stacks, from.OneB, from.A, from.B, from.Y);

    public long M { get; }

    public long N { get; }

    public long K { get; }

    /// <summary>One example's result.</summary>
    public long[] Result { get; }

    /// <summary>Matrices of one example's result.</summary>
    public long Stacks { get; }

    /// <summary>Rows of all of an example's matrices of A.</summary>
    public long RowsOfA => Stacks * M;

    /// <summary>Whether an example's B is one matrix for all rows of its A.</summary>
    public bool OneB { get; }

    /// <summary>What an engine needs to know.</summary>
    public ProductFacts Facts => new(M, K, N, Stacks, OneB, Result);

    /// <summary>Where the first factors lie.</summary>
    public Matrices A { get; private init; }

    /// <summary>Where the second factors lie.</summary>
    public Matrices B { get; private init; }

    /// <summary>Where the products go.</summary>
    public Matrices Y { get; private init; }

    /// <summary>The same with an operand's axes at other strides, where its matrices can be read so; else null.</summary>
    public MatMulShape? WithOperand(int operand, long[] strides)
    {
        long[] sizes = operand == 0 ? _sizesA : _sizesB;
        if (sizes.Length != strides.Length || LyingIn(sizes, strides) is not { } matrices) return null;
        return operand == 0 ? new MatMulShape(this) { A = matrices } : new MatMulShape(this) { B = matrices };
    }

    /// <summary>The same with the result's axes at other strides, where its matrices can be written so; else null.</summary>
    public MatMulShape? WithResult(long[] strides) =>
        Result.Length == _stack.Length + 2 && LyingIn(Result, strides) is { } matrices ? new MatMulShape(this) { Y = matrices } : null;

    /// <summary>The sizes for one example, and where the examples lie; refused where operands do not fit or examples would meet.</summary>
    public static (MatMulShape Shape, Placement Placement) Of(NodeBuilder node, Value a, Value b)
    {
        if (a.Rank == 0 || b.Rank == 0) throw node.Refuse($"multiplies {a} and {b}, which do not fit");
        bool rowA = a.Rank == 1, columnB = b.Rank == 1;
        long[] sizesA = rowA ? [1, a.Shape[0]] : a.Shape, sizesB = columnB ? [b.Shape[0], 1] : b.Shape;
        long[] stackA = sizesA[..^2], stackB = sizesB[..^2], stack;
        try
        {
            if (sizesA[^1] != sizesB[^2]) throw new TrakException("");
            stack = HostBroadcast.Shape(stackA, stackB);
        }
        catch (TrakException)
        {
            throw node.Refuse($"multiplies {a} and {b}, which do not fit");
        }

        node.RefuseTable(stack);
        List<long> result = [.. stack];
        if (!rowA) result.Add(sizesA[^2]);
        if (!columnB) result.Add(sizesB[^1]);
        return (new MatMulShape(sizesA, sizesB, [.. result], stack), Place(node, a, b, [.. result]));
    }

    private Matrices? LyingIn(long[] sizes, long[] strides) => Matrices.Of(sizes, strides, _stack);

    // Examples may lie along the stack, along A's rows or along B's columns; never along what is summed over, and where
    // both operands have an axis for them it must be the same one of the stack.
    private static Placement Place(NodeBuilder node, Value a, Value b, long[] result)
    {
        Placement inA = a.Placement, inB = b.Placement;
        if (!inA.HasAxis && !inB.HasAxis) return Placement.WithoutAxis(inA.Batched || inB.Batched);
        TrakException mixes = node.Refuse($"multiplies {a} and {b} so that examples would mix");
        if ((inA.HasAxis && inA.Axis == a.Rank - 1) || (inB.HasAxis && inB.Axis == Math.Max(b.Rank - 2, 0))) throw mixes;
        bool rows = inA.HasAxis && inA.Axis == a.Rank - 2, columns = inB.HasAxis && inB.Axis == b.Rank - 1;
        int dropped = (a.Rank == 1 ? 1 : 0) + (b.Rank == 1 ? 1 : 0);
        if (rows || columns)
        {
            if (inA.HasAxis && inB.HasAxis) throw mixes;
            return rows ? inA.Moved(result.Length - (b.Rank == 1 ? 1 : 2)) : inB.Moved(result.Length - 1);
        }

        // Along the stack, counted from the matrices backward.
        int fromA = inA.HasAxis ? a.Rank - inA.Axis : 0, fromB = inB.HasAxis ? b.Rank - inB.Axis : 0, from = Math.Max(fromA, fromB);
        bool apart = fromA > 0 && fromB > 0
            ? fromA == fromB && inA.Outer == inB.Outer && a.Shape[^from] == b.Shape[^from]
            : fromA > 0 ? from > b.Rank || b.Shape[^from] == 1 : from > a.Rank || a.Shape[^from] == 1;
        if (!apart) throw mixes;
        return (fromA > 0 ? inA : inB).Moved(result.Length + dropped - from);
    }
}
