namespace TrakFast.Onnx;

/// <summary>
/// Elements of a parameter as a node sees them: where the first one lies in the parameter and how far apart neighbors
/// along each axis are. Slices, transposes and views of views stay views, so that their gradients need not be backpropagated.
/// </summary>
internal sealed record ParameterView(int Parameter, long Offset, long[] Strides)
{
    /// <summary>All of a parameter.</summary>
    public static ParameterView Of(int parameter, long[] shape) => new(parameter, 0, Dense(shape));

    /// <summary>Strides of an array without gaps.</summary>
    public static long[] Dense(ReadOnlySpan<long> shape)
    {
        long[] strides = new long[shape.Length];
        long stride = 1;
        for (int axis = shape.Length - 1; axis >= 0; axis--)
        {
            strides[axis] = stride;
            stride *= shape[axis];
        }

        return strides;
    }

    /// <summary>Whether the elements lie one behind the other.</summary>
    public bool IsDense(ReadOnlySpan<long> shape)
    {
        long stride = 1;
        for (int axis = shape.Length - 1; axis >= 0; axis--)
        {
            if (shape[axis] != 1 && Strides[axis] != stride) return false;
            stride *= shape[axis];
        }

        return true;
    }

    public ParameterView Permuted(IReadOnlyList<int> permutation) => this with { Strides = [.. permutation.Select(p => Strides[p])] };

    /// <summary>Every step-th index of an axis from a start on.</summary>
    public ParameterView Sliced(int axis, long start, long step)
    {
        long[] strides = [.. Strides];
        strides[axis] *= step;
        return new ParameterView(Parameter, Offset + (start * Strides[axis]), strides);
    }

    /// <summary>The same elements under another shape, or null where strides cannot say that.</summary>
    public ParameterView? Reshaped(long[] from, long[] to)
    {
        if (IsDense(from)) return this with { Strides = Dense(to) };

        // Axes of size 1 may come and go.
        long[] sizes = [.. from.Where(static s => s != 1)], strides = new long[to.Length];
        if (!sizes.AsSpan().SequenceEqual(to.Where(static s => s != 1).ToArray())) return null;
        long[] kept = [.. Strides.Where((_, axis) => from[axis] != 1)];
        int next = 0;
        for (int axis = 0; axis < to.Length; axis++) strides[axis] = to[axis] == 1 ? 0 : kept[next++];
        return this with { Strides = strides };
    }
}
