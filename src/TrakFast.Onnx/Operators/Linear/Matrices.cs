namespace TrakFast.Onnx;

/// <summary>
/// How one example's stack of matrices lies in memory: where each begins, and how far apart its rows and columns are. One
/// of the two lie side by side, so that a product reads or writes them as they are, heads of attention in the midst of
/// [T, heads, d] too.
/// </summary>
internal sealed class Matrices
{
    private readonly long[] _places;
    private readonly bool _columnsFirst;

    private Matrices(long[] places, long leading, bool columnsFirst, bool repeated) =>
        (_places, Leading, _columnsFirst, Repeated) = (places, leading, columnsFirst, repeated);

    /// <summary>Elements between two rows, or between two columns where <see cref="ColumnsFirst"/>.</summary>
    public long Leading { get; }

    /// <summary>Whether the elements of a column lie side by side, not those of a row.</summary>
    public bool ColumnsFirst => _columnsFirst;

    /// <summary>Whether a matrix stands in several places of the stack, so that its gradients add up.</summary>
    public bool Repeated { get; }

    /// <summary>The same matrices, rows for columns.</summary>
    public Matrices Turned => new(_places, Leading, !_columnsFirst, Repeated);

    /// <summary>Where a matrix begins in an example's part.</summary>
    public long this[long stack] => _places[stack];

    /// <summary>
    /// The matrices of a value whose last two axes are theirs, broadcast over a stack; null where neither rows nor columns
    /// lie together.
    /// </summary>
    /// <param name="shape">The value's shape, two axes or more.</param>
    /// <param name="strides">Elements between neighbors along its axes.</param>
    /// <param name="stack">The result's axes before the matrices.</param>
    public static Matrices? Of(ReadOnlySpan<long> shape, ReadOnlySpan<long> strides, ReadOnlySpan<long> stack)
    {
        (long rows, long columns, long rowStride, long columnStride) = (shape[^2], shape[^1], strides[^2], strides[^1]);
        bool rowsLie = (columnStride == 1 || columns == 1) && (rowStride >= columns || rows == 1);
        if (!rowsLie && !((rowStride == 1 || rows == 1) && (columnStride >= rows || columns == 1))) return null;
        long count = 1;
        foreach (long size in stack) count *= size;
        long[] places = new long[count];
        bool repeated = false;
        long period = count;
        for (int axis = 0; axis < stack.Length; axis++)
        {
            int own = axis - (stack.Length - (shape.Length - 2));
            long stride = own >= 0 && shape[own] != 1 ? strides[own] : 0;
            repeated |= stride == 0 && stack[axis] > 1;
            period /= Math.Max(stack[axis], 1);
            if (stride == 0) continue;
            for (long i = 0; i < places.Length; i++) places[i] += i / period % stack[axis] * stride;
        }

        return rowsLie
            ? new Matrices(places, Math.Max(rowStride, columns), false, repeated)
            : new Matrices(places, Math.Max(columnStride, rows), true, repeated);
    }
}
