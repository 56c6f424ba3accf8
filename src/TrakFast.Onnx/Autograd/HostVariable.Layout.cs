namespace TrakFast.Onnx;

/// <content>Operations that move elements, and the matrix product.</content>
internal sealed partial class HostVariable
{
    /// <inheritdoc/>
    public override Variable Reshape(params long[] shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        long[] sizes = [.. shape];
        int free = Array.IndexOf(sizes, -1);
        long others = Shapes.Count(sizes.Where((_, i) => i != free));
        if (free >= 0) sizes[free] = others == 0 ? 0 : _values.Length / others;
        if (sizes.Any(static s => s < 0) || Shapes.Count(sizes) != _values.Length)
            throw new TrakException($"A variable of shape {Shapes.Text(_shape)} cannot be reshaped to {Shapes.Text(shape)}.");
        return Result(_values, sizes, static (gradient, _) => [gradient], this);
    }

    /// <inheritdoc/>
    public override Variable Transpose(int axis0, int axis1)
    {
        int a = Axis(axis0), b = Axis(axis1);
        int[] order = [.. Enumerable.Range(0, _shape.Length)];
        (order[a], order[b]) = (b, a);
        long[] shape = [.. order.Select(o => _shape[o])];
        int[] places = Permuted(order, shape);
        float[] y = new float[_values.Length];
        for (int i = 0; i < y.Length; i++) y[i] = _values[places[i]];
        return Result(y, shape, Back, this);

        float[]?[] Back(float[] gradient, bool[] wanted)
        {
            float[] back = new float[gradient.Length];
            for (int i = 0; i < back.Length; i++) back[places[i]] = gradient[i];
            return [back];
        }
    }

    /// <inheritdoc/>
    public override Variable Gather(int axis, DataArray indices)
    {
        ArgumentNullException.ThrowIfNull(indices);
        axis = Axis(axis);
        long[] picks = indices.ToLongs();
        if (indices.Shape.Count != _shape.Length || indices.Shape.Where((s, i) => i != axis && s > _shape[i]).Any())
            throw new TrakException($"Indices {Shapes.Text(indices.Shape)} do not fit a variable of shape {Shapes.Text(_shape)} along axis {axis}.");
        int[] places = new int[picks.Length];
        for (int i = 0; i < places.Length; i++)
        {
            if (picks[i] < 0 || picks[i] >= _shape[axis])
                throw new TrakException($"Index {picks[i]} lies outside axis {axis} of a variable of shape {Shapes.Text(_shape)}.");
            long rest = i, place = 0, stride = 1;
            for (int a = _shape.Length - 1; a >= 0; a--)
            {
                place += (a == axis ? picks[i] : rest % indices.Shape[a]) * stride;
                rest /= indices.Shape[a];
                stride *= _shape[a];
            }

            places[i] = (int)place;
        }

        float[] y = new float[places.Length];
        for (int i = 0; i < y.Length; i++) y[i] = _values[places[i]];
        return Result(y, indices.Shape, Back, this);

        float[]?[] Back(float[] gradient, bool[] wanted)
        {
            float[] back = new float[_values.Length];
            for (int i = 0; i < places.Length; i++) back[places[i]] += gradient[i];
            return [back];
        }
    }

    /// <inheritdoc/>
    public override Variable MatMul(Variable other)
    {
        HostVariable b = Own(other);
        int rank = _shape.Length;
        if (rank < 2 || b._shape.Length != rank || _shape[^1] != b._shape[^2] || !_shape.AsSpan(0, rank - 2).SequenceEqual(b._shape.AsSpan(0, rank - 2)))
            throw new TrakException($"Matrices {Shapes.Text(_shape)} and {Shapes.Text(b._shape)} cannot be multiplied.");
        int m = (int)_shape[^2], k = (int)_shape[^1], n = (int)b._shape[^1];
        int stacks = (int)Shapes.Count(_shape.Take(rank - 2));
        float[] y = new float[stacks * m * n];
        for (int s = 0; s < stacks; s++)
            Product(_values.AsSpan(s * m * k, m * k), k, 1, b._values.AsSpan(s * k * n, k * n), n, 1, y.AsSpan(s * m * n, m * n), m, n, k);
        return Result(y, [.. _shape.Take(rank - 1), n], Back, this, b);

        float[]?[] Back(float[] gradient, bool[] wanted)
        {
            float[]? gradientA = wanted[0] ? new float[_values.Length] : null;
            float[]? gradientB = wanted[1] ? new float[b._values.Length] : null;
            for (int s = 0; s < stacks; s++)
            {
                Span<float> g = gradient.AsSpan(s * m * n, m * n);
                if (gradientA is not null) Product(g, n, 1, b._values.AsSpan(s * k * n, k * n), 1, n, gradientA.AsSpan(s * m * k, m * k), m, k, n);
                if (gradientB is not null) Product(_values.AsSpan(s * m * k, m * k), 1, k, g, n, 1, gradientB.AsSpan(s * k * n, k * n), k, n, m);
            }

            return [gradientA, gradientB];
        }
    }

    // y [m, n] = Σ_l a[i, l]·b[l, j] with the operands' row and column strides, summed in the order of l.
    private static void Product(
        ReadOnlySpan<float> a, int rowA, int columnA, ReadOnlySpan<float> b, int rowB, int columnB, Span<float> y, int m, int n, int k)
    {
        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j < n; j++)
            {
                double sum = 0;
                for (int l = 0; l < k; l++) sum += (double)a[(i * rowA) + (l * columnA)] * b[(l * rowB) + (j * columnB)];
                y[(i * n) + j] = (float)sum;
            }
        }
    }

    private int[] Permuted(int[] order, long[] shape)
    {
        long[] strides = new long[_shape.Length];
        long stride = 1;
        for (int a = strides.Length - 1; a >= 0; a--)
        {
            strides[a] = stride;
            stride *= _shape[a];
        }

        int[] places = new int[_values.Length];
        for (int i = 0; i < places.Length; i++)
        {
            long rest = i, place = 0;
            for (int a = shape.Length - 1; a >= 0; a--)
            {
                place += rest % shape[a] * strides[order[a]];
                rest /= shape[a];
            }

            places[i] = (int)place;
        }

        return places;
    }
}
