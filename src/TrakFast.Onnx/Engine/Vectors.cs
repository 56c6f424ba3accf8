using System.Numerics;
using System.Runtime.CompilerServices;
using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>
/// Long loops over float32. A sum's order depends on its length alone, never on where the data lies, so that an example
/// comes out the same in every batch.
/// </summary>
internal static unsafe class Vectors
{
    /// <summary>Elements below which a second thread costs more than it brings.</summary>
    public const long Grain = 1 << 15;

    /// <summary>to += from.</summary>
    public static void Add(Workers workers, float* from, float* to, long length) =>
        workers.Run(length, Grain, (start, end) => Add(from + start, to + start, end - start));

    /// <summary>to += from, on this thread.</summary>
    public static void Add(float* from, float* to, long length)
    {
        long i = 0;
        for (; i <= length - Vector<float>.Count; i += Vector<float>.Count) (Load(to + i) + Load(from + i)).Store(to + i);
        for (; i < length; i++) to[i] += from[i];
    }

    /// <summary>values *= factor.</summary>
    public static void Scale(Workers workers, float factor, float* values, long length) =>
        workers.Run(length, Grain, (start, end) => Scale(factor, values + start, end - start));

    /// <summary>values *= factor, on this thread.</summary>
    public static void Scale(float factor, float* values, long length)
    {
        long i = 0;
        for (; i <= length - Vector<float>.Count; i += Vector<float>.Count) (Load(values + i) * factor).Store(values + i);
        for (; i < length; i++) values[i] *= factor;
    }

    /// <summary>to = (from − shift) · factor + constant, on this thread.</summary>
    public static void Normalize(float* from, float* to, long length, float shift, float factor, float constant)
    {
        Vector<float> s = Vector.Create(shift), c = Vector.Create(constant);
        long i = 0;
        for (; i <= length - Vector<float>.Count; i += Vector<float>.Count) (((Load(from + i) - s) * factor) + c).Store(to + i);
        for (; i < length; i++) to[i] = ((from[i] - shift) * factor) + constant;
    }

    /// <summary>Σ x.</summary>
    public static float Sum(float* x, long length)
    {
        int width = Vector<float>.Count;
        Vector<float> a = default, b = default;
        long i = 0;
        for (; i <= length - (2 * width); i += 2 * width)
        {
            a += Load(x + i);
            b += Load(x + i + width);
        }

        float sum = Vector.Sum(a + b);
        for (; i < length; i++) sum += x[i];
        return sum;
    }

    /// <summary>Σ x·(y − shift).</summary>
    public static float Dot(float* x, float* y, long length, float shift = 0)
    {
        int width = Vector<float>.Count;
        Vector<float> a = default, b = default, s = Vector.Create(shift);
        long i = 0;
        for (; i <= length - (2 * width); i += 2 * width)
        {
            a += Load(x + i) * (Load(y + i) - s);
            b += Load(x + i + width) * (Load(y + i + width) - s);
        }

        float sum = Vector.Sum(a + b);
        for (; i < length; i++) sum += x[i] * (y[i] - shift);
        return sum;
    }

    /// <summary>Σ x in float64.</summary>
    public static double WideSum(float* x, long length)
    {
        Vector<double> sums = default;
        long i = 0;
        for (; i <= length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector.Widen(Load(x + i), out Vector<double> low, out Vector<double> high);
            sums += low + high;
        }

        double sum = Vector.Sum(sums);
        for (; i < length; i++) sum += x[i];
        return sum;
    }

    /// <summary>Σ x·y in float64.</summary>
    public static double WideDot(float* x, float* y, long length)
    {
        Vector<double> sums = default;
        long i = 0;
        for (; i <= length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector.Widen(Load(x + i), out Vector<double> low, out Vector<double> high);
            Vector.Widen(Load(y + i), out Vector<double> otherLow, out Vector<double> otherHigh);
            sums += (low * otherLow) + (high * otherHigh);
        }

        double sum = Vector.Sum(sums);
        for (; i < length; i++) sum += (double)x[i] * y[i];
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Load(float* x) => Vector.Load(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(this Vector<float> value, float* x) => Vector.Store(value, x);
}
