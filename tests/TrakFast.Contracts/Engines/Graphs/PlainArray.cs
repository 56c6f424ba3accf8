namespace TrakFast.Testing;

/// <summary>
/// An array as NumPy has it, the examples' axis like any other, with the plainest form of each operation;
/// null where it is impossible.
/// </summary>
public sealed record PlainArray(long[] Shape, float[] Values)
{
    public static PlainArray From(DataArray array) => new([.. array.Shape], array.ToFloats());

    public PlainArray? Reshape(long[] shape)
    {
        long known = shape.Where(static s => s != -1).Aggregate(1L, static (a, b) => a * b);
        if (shape.Contains(-1) ? known == 0 || Values.Length % known != 0 : known != Values.Length) return null;
        return this with { Shape = [.. shape.Select(s => s == -1 ? Values.Length / known : s)] };
    }

    public PlainArray Transpose(int[] permutation) => Make([.. permutation.Select(p => Shape[p])], index =>
    {
        long[] from = new long[Shape.Length];
        for (int i = 0; i < from.Length; i++) from[permutation[i]] = index[i];
        return At(from);
    });

    public PlainArray Slice(int axis, long start, long end) =>
        Make([.. Shape.Select((s, i) => i == axis ? end - start : s)], index => At([.. index.Select((v, i) => i == axis ? v + start : v)]));

    public PlainArray? Combine(PlainArray other, Func<float, float, float> f)
    {
        long[] shape = new long[Math.Max(Shape.Length, other.Shape.Length)];
        for (int i = 1; i <= shape.Length; i++)
        {
            long a = i <= Shape.Length ? Shape[^i] : 1, b = i <= other.Shape.Length ? other.Shape[^i] : 1;
            if (a != b && a != 1 && b != 1) return null;
            shape[^i] = Math.Max(a, b);
        }

        return Make(shape, index => f(Repeated(index), other.Repeated(index)));
    }

    public PlainArray? Concat(PlainArray other, int axis)
    {
        if (other.Shape.Length != Shape.Length || axis >= Shape.Length || Shape.Where((s, i) => i != axis && s != other.Shape[i]).Any())
            return null;
        return Make([.. Shape.Select((s, i) => i == axis ? s + other.Shape[i] : s)], index =>
            index[axis] < Shape[axis] ? At(index) : other.At([.. index.Select((v, i) => i == axis ? v - Shape[axis] : v)]));
    }

    public PlainArray? MatMul(PlainArray other)
    {
        if (Shape.Length < 2 || other.Shape.Length < 2 || Shape[^1] != other.Shape[^2]) return null;
        PlainArray? stack = new PlainArray([.. Shape[..^2], 1, 1], new float[Values.Length])
            .Combine(new PlainArray([.. other.Shape[..^2], 1, 1], new float[other.Values.Length]), static (_, _) => 0);
        return stack is null ? null : Make([.. stack.Shape[..^2], Shape[^2], other.Shape[^1]], index =>
        {
            double sum = 0;
            for (long k = 0; k < Shape[^1]; k++)
                sum += (double)Repeated([.. index[..^1], k]) * other.Repeated([.. index[..^2], k, index[^1]]);
            return (float)sum;
        });
    }

    public PlainArray Sum(int axis, bool keep) => Make([.. Shape.Select((s, i) => i == axis ? 1 : s)], index =>
    {
        double sum = 0;
        for (long i = 0; i < Shape[axis]; i++) sum += At([.. index.Select((v, a) => a == axis ? i : v)]);
        return (float)sum;
    }).Reshape([.. Shape.Select((s, i) => i == axis ? 1 : s).Where((_, i) => keep || i != axis)])!;

    private float At(long[] index)
    {
        long place = 0;
        for (int axis = 0; axis < Shape.Length; axis++) place = (place * Shape[axis]) + index[axis];
        return Values[place];
    }

    // The element at an index of a result that this is broadcast to.
    private float Repeated(long[] index) => At([.. index[^Shape.Length..].Select((v, i) => Shape[i] == 1 ? 0 : v)]);

    private static PlainArray Make(long[] shape, Func<long[], float> element)
    {
        float[] values = new float[Shapes.Count(shape)];
        long[] index = new long[shape.Length];
        for (int i = 0; i < values.Length; i++)
        {
            long rest = i;
            for (int axis = shape.Length - 1; axis >= 0; axis--) (rest, index[axis]) = Math.DivRem(rest, shape[axis]);
            values[i] = element(index);
        }

        return new PlainArray(shape, values);
    }
}
