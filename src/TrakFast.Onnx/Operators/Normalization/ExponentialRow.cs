using System.Numerics;
using System.Numerics.Tensors;

namespace TrakFast.Onnx;

/// <summary>
/// What Softmax and LogSoftmax do to a row that lies together, several elements at a time. Sums are kept in float64, in an
/// order that depends on the row's length alone.
/// </summary>
internal static unsafe class ExponentialRow
{
    /// <summary>The largest element, −∞ of an empty row; NaN where there is one.</summary>
    public static float Largest(float* x, long length) => length == 0 ? float.NegativeInfinity : TensorPrimitives.Max<float>(new ReadOnlySpan<float>(x, checked((int)length)));

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
        for (; i <= length - Vector<float>.Count; i += Vector<float>.Count) (Vectors.Load(y + i) * (Vectors.Load(gradient + i) - l)).Store(gradient + i);
        for (; i < length; i++) gradient[i] = y[i] * (gradient[i] - level);
    }

    /// <summary>gradient −= eʸ · factor.</summary>
    public static void Subtract(float* y, float* gradient, long length, float factor)
    {
        long i = 0;
        for (; i <= length - Vector<float>.Count; i += Vector<float>.Count) (Vectors.Load(gradient + i) - (VectorMath.Exp(Vectors.Load(y + i)) * factor)).Store(gradient + i);
        for (; i < length; i++) gradient[i] -= MathF.Exp(y[i]) * factor;
    }
}
