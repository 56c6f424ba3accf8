using System.Numerics;
using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>A function of two numbers, several at a time.</summary>
internal interface IBinaryFunction
{
    static abstract Vector<float> Invoke(Vector<float> a, Vector<float> b);
}

/// <summary>a + b.</summary>
internal readonly struct AddFunction : IBinaryFunction
{
    public static Vector<float> Invoke(Vector<float> a, Vector<float> b) => a + b;
}

/// <summary>a − b.</summary>
internal readonly struct SubtractFunction : IBinaryFunction
{
    public static Vector<float> Invoke(Vector<float> a, Vector<float> b) => a - b;
}

/// <summary>a · b.</summary>
internal readonly struct MultiplyFunction : IBinaryFunction
{
    public static Vector<float> Invoke(Vector<float> a, Vector<float> b) => a * b;
}

/// <summary>a / b.</summary>
internal readonly struct DivideFunction : IBinaryFunction
{
    public static Vector<float> Invoke(Vector<float> a, Vector<float> b) => a / b;
}

/// <summary>The whole part of a / b.</summary>
internal readonly struct DivideWholeFunction : IBinaryFunction
{
    public static Vector<float> Invoke(Vector<float> a, Vector<float> b) => Vector.Truncate(a / b);
}

/// <summary>
/// Two operands walked in step over a result: its sizes with the example in front, and each operand's strides, 0 where it
/// is repeated. Neighboring axes that both operands walk evenly are merged, so that most operations are one or two loops.
/// </summary>
internal sealed unsafe class BroadcastLoop
{
    private readonly long[] _sizes;
    private readonly long[] _a;
    private readonly long[] _b;

    public BroadcastLoop(
        long parts, ReadOnlySpan<long> result, ReadOnlySpan<long> shapeA, long partA, ReadOnlySpan<long> shapeB, long partB)
    {
        List<long> sizes = [parts], a = [partA], b = [partB];
        long[] stridesA = Strides(shapeA, result.Length), stridesB = Strides(shapeB, result.Length);
        for (int axis = 0; axis < result.Length; axis++)
        {
            if (result[axis] == 1) continue;
            if (sizes[^1] == 1)
            {
                (sizes[^1], a[^1], b[^1]) = (result[axis], stridesA[axis], stridesB[axis]);
            }
            else if (a[^1] == stridesA[axis] * result[axis] && b[^1] == stridesB[axis] * result[axis])
            {
                (sizes[^1], a[^1], b[^1]) = (sizes[^1] * result[axis], stridesA[axis], stridesB[axis]);
            }
            else
            {
                sizes.Add(result[axis]);
                a.Add(stridesA[axis]);
                b.Add(stridesB[axis]);
            }
        }

        _sizes = [.. sizes];
        _a = [.. a];
        _b = [.. b];
    }

    /// <summary>y = f(a, b), y dense.</summary>
    public void Run<T>(Workers workers, float* a, float* b, float* y)
        where T : struct, IBinaryFunction
    {
        long inner = _sizes[^1], rows = 1;
        foreach (long size in _sizes.AsSpan(0, _sizes.Length - 1)) rows *= size;
        if (rows == 1)
        {
            workers.Run(inner, Vectors.Grain, (start, end) => Row<T>(a + (start * _a[^1]), b + (start * _b[^1]), y + start, end - start));
            return;
        }

        workers.Run(rows, Math.Max(Vectors.Grain / Math.Max(inner, 1), 1), (start, end) =>
        {
            for (long row = start; row < end; row++)
            {
                long rest = row, placeA = 0, placeB = 0;
                for (int axis = _sizes.Length - 2; axis >= 0; axis--)
                {
                    (rest, long index) = Math.DivRem(rest, _sizes[axis]);
                    placeA += index * _a[axis];
                    placeB += index * _b[axis];
                }

                Row<T>(a + placeA, b + placeB, y + (row * inner), inner);
            }
        });
    }

    private static long[] Strides(ReadOnlySpan<long> shape, int rank)
    {
        long[] strides = new long[rank];
        long stride = 1;
        for (int i = 1; i <= shape.Length; i++)
        {
            strides[^i] = shape[^i] == 1 ? 0 : stride;
            stride *= shape[^i];
        }

        return strides;
    }

    // The innermost stride is 1 or 0; arithmetic is exact to rounding, so the rest may go one by one.
    private void Row<T>(float* a, float* b, float* y, long length)
        where T : struct, IBinaryFunction
    {
        bool repeatA = _a[^1] == 0, repeatB = _b[^1] == 0;
        Vector<float> onlyA = Vector.Create(*a), onlyB = Vector.Create(*b);
        long i = 0;
        for (; i <= length - Vector<float>.Count; i += Vector<float>.Count)
            T.Invoke(repeatA ? onlyA : Vectors.Load(a + i), repeatB ? onlyB : Vectors.Load(b + i)).Store(y + i);
        for (; i < length; i++) y[i] = T.Invoke(repeatA ? onlyA : Vector.Create(a[i]), repeatB ? onlyB : Vector.Create(b[i]))[0];
    }
}
