using TrakFast.Kernels;

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
        if (free >= 0) sizes[free] = others == 0 ? 0 : Values.Length / others;
        if (sizes.Any(static s => s < 0) || Shapes.Count(sizes) != Values.Length)
            throw new TrakException($"A variable of shape {Shapes.Text(_shape)} cannot be reshaped to {Shapes.Text(shape)}.");
        return Result(Values, sizes, static (gradient, _) => [gradient], this);
    }

    /// <inheritdoc/>
    public override Variable Transpose(int axis0, int axis1)
    {
        int a = Axis(axis0), b = Axis(axis1);
        int[] order = [.. Enumerable.Range(0, _shape.Length)];
        (order[a], order[b]) = (b, a);
        long[] shape = [.. order.Select(o => _shape[o])];
        int[] places = Permuted(order, shape);
        float[] y = _arrays.Floats(Values.Length);
        for (int i = 0; i < y.Length; i++) y[i] = Values[places[i]];
        return Result(y, shape, Back, this);

        float[]?[] Back(float[] gradient, bool[] wanted)
        {
            float[] back = _arrays.Floats(gradient.Length);
            for (int i = 0; i < back.Length; i++) back[places[i]] = gradient[i];
            return [back];
        }
    }

    /// <inheritdoc/>
    public override Variable Gather(int axis, DataArray indices)
    {
        ArgumentNullException.ThrowIfNull(indices);
        axis = Axis(axis);
        long[] picks = Longs(indices);
        if (indices.Shape.Count != _shape.Length || indices.Shape.Where((s, i) => i != axis && s > _shape[i]).Any())
            throw new TrakException(
                $"Indices {Shapes.Text(indices.Shape)} do not fit a variable of shape {Shapes.Text(_shape)} along axis {axis}.");
        int[] places = _arrays.Ints(picks.Length);
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

        float[] y = _arrays.Floats(places.Length);
        for (int i = 0; i < y.Length; i++) y[i] = Values[places[i]];
        return Result(y, indices.Shape, Back, this);

        float[]?[] Back(float[] gradient, bool[] wanted)
        {
            float[] back = _arrays.Floats(Values.Length);
            for (int i = 0; i < places.Length; i++) back[places[i]] += gradient[i];
            return [back];
        }
    }

    /// <inheritdoc/>
    public override Variable MatMul(Variable other)
    {
        HostVariable b = Own(other);
        int rank = _shape.Length;
        if (rank < 2 || b._shape.Length != rank || _shape[^1] != b._shape[^2]
            || !_shape.AsSpan(0, rank - 2).SequenceEqual(b._shape.AsSpan(0, rank - 2)))
            throw new TrakException($"Matrices {Shapes.Text(_shape)} and {Shapes.Text(b._shape)} cannot be multiplied.");
        int m = (int)_shape[^2], k = (int)_shape[^1], n = (int)b._shape[^1];
        int stacks = (int)Shapes.Count(_shape.Take(rank - 2));
        float[] y = _arrays.Floats((long)stacks * m * n);
        Products(stacks, false, Values, false, b.Values, y, m, n, k);
        return Result(y, [.. _shape.Take(rank - 1), n], Back, this, b);

        float[]?[] Back(float[] gradient, bool[] wanted)
        {
            float[]? gradientA = wanted[0] ? _arrays.Floats(Values.Length) : null,
                gradientB = wanted[1] ? _arrays.Floats(b.Values.Length) : null;
            if (gradientA is not null) Products(stacks, false, gradient, true, b.Values, gradientA, m, k, n);
            if (gradientB is not null) Products(stacks, true, Values, false, gradient, gradientB, k, n, m);
            return [gradientA, gradientB];
        }
    }

    // y [m, n] = op(a) [m, k] · op(b) [k, n] for each of the stacks.
    private static unsafe void Products(int stacks, bool transposeA, float[] a, bool transposeB, float[] b, float[] y, int m, int n, int k)
    {
        fixed (float* first = a, second = b, result = y)
        {
            Sgemm.MultiplyBatch(
                Workers.Single, transposeA, transposeB, stacks, m, n, k, first, transposeA ? m : k, (long)m * k, second, transposeB ? k : n,
                (long)k * n, result, n, (long)m * n, accumulate: false);
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

        int[] places = _arrays.Ints(Values.Length);
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
