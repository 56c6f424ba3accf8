using System.Numerics;

namespace TrakFast.Onnx;

/// <summary>
/// What Softmax and LogSoftmax do to a row that lies together, several elements at a time. Sums are kept in float64, in an
/// order that depends on the row's length alone.
/// </summary>
internal static unsafe class ExponentialRow
{
    /// <summary>The largest element, −∞ of an empty row. What is not a number may be passed over: it shows in the sum.</summary>
    public static float Largest(float* x, long length)
    {
        int width = Vector<float>.Count;
        Vector<float> a = Vector.Create(float.NegativeInfinity), b = a;
        long i = 0;
        for (; i <= length - (2 * width); i += 2 * width)
        {
            a = Vector.MaxNative(a, Vectors.Load(x + i));
            b = Vector.MaxNative(b, Vectors.Load(x + i + width));
        }

        a = Vector.MaxNative(a, b);
        float largest = float.NegativeInfinity;
        for (int lane = 0; lane < width; lane++) largest = MathF.Max(largest, a[lane]);
        for (; i < length; i++) largest = MathF.Max(largest, x[i]);
        return largest;
    }

    /// <summary>y = e^(x − shift); returns its sum.</summary>
    public static double Exponentials(float* x, float* y, long length, float shift)
    {
        Vector<float> s = Vector.Create(shift);
        Vector<double> sums = default;
        long i = 0;
        for (; i <= length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> e = VectorMath.Exp(Vectors.Load(x + i) - s);
            e.Store(y + i);
            Vector.Widen(e, out Vector<double> low, out Vector<double> high);
            sums += low + high;
        }

        double sum = Vector.Sum(sums);
        for (; i < length; i++) sum += y[i] = MathF.Exp(x[i] - shift);
        return sum;
    }

    /// <summary>gradient = y · (gradient − level).</summary>
    public static void Weigh(float* y, float* gradient, long length, float level)
    {
        Vector<float> l = Vector.Create(level);
        long i = 0;
        for (; i <= length - Vector<float>.Count; i += Vector<float>.Count)
            (Vectors.Load(y + i) * (Vectors.Load(gradient + i) - l)).Store(gradient + i);
        for (; i < length; i++) gradient[i] = y[i] * (gradient[i] - level);
    }

    /// <summary>gradient −= eʸ · factor.</summary>
    public static void Subtract(float* y, float* gradient, long length, float factor)
    {
        long i = 0;
        for (; i <= length - Vector<float>.Count; i += Vector<float>.Count)
            (Vectors.Load(gradient + i) - (VectorMath.Exp(Vectors.Load(y + i)) * factor)).Store(gradient + i);
        for (; i < length; i++) gradient[i] -= MathF.Exp(y[i]) * factor;
    }
}
