using System.Numerics;

namespace TrakFast.Onnx;

/// <summary>
/// What normalizing one row takes, several elements at a time. Sums are kept in float64, in an order that depends on the
/// row's length alone.
/// </summary>
internal static unsafe class NormalizedRow
{
    /// <summary>The mean of a row, and 1/√(variance + ε); not centered, 0 and 1/√(mean square + ε).</summary>
    public static (float Mean, float Inverse) Moments(float* x, long length, float epsilon, bool centered)
    {
        double mean = centered ? Vectors.WideSum(x, length) / length : 0;
        return ((float)mean, (float)(1 / Math.Sqrt((Squares(x, length, mean) / length) + epsilon)));
    }

    /// <summary>y = (x − mean) · inverse · scale + bias, with a scale and bias (or none) for each element.</summary>
    public static void Forward(float* x, float* y, long length, float mean, float inverse, float* scale, float* bias)
    {
        Vector<float> m = Vector.Create(mean), v = Vector.Create(inverse);
        long i = 0;
        for (; i <= length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> scaled = (Vectors.Load(x + i) - m) * v * Vectors.Load(scale + i);
            (bias == null ? scaled : scaled + Vectors.Load(bias + i)).Store(y + i);
        }

        for (; i < length; i++) y[i] = ((x[i] - mean) * inverse * scale[i]) + (bias == null ? 0 : bias[i]);
    }

    /// <summary>gradient += delta · (x − mean) · inverse: what a scale for each element gets.</summary>
    public static void AddScale(float* delta, float* x, long length, float mean, float inverse, float* gradient)
    {
        Vector<float> m = Vector.Create(mean), v = Vector.Create(inverse);
        long i = 0;
        for (; i <= length - Vector<float>.Count; i += Vector<float>.Count)
            (Vectors.Load(gradient + i) + (Vectors.Load(delta + i) * (Vectors.Load(x + i) - m) * v)).Store(gradient + i);
        for (; i < length; i++) gradient[i] += delta[i] * (x[i] - mean) * inverse;
    }

    /// <summary>
    /// delta *= scale, in place; returns its sum and its product with the normalized row. The scale is one for each
    /// element, or one for all.
    /// </summary>
    public static (double Sum, double Dot) Weigh(float* delta, float* x, long length, float mean, float inverse, float* scale, bool each)
    {
        Vector<float> m = Vector.Create(mean), v = Vector.Create(inverse), all = Vector.Create(*scale);
        Vector<double> sums = default, dots = default;
        long i = 0;
        for (; i <= length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> g = Vectors.Load(delta + i) * (each ? Vectors.Load(scale + i) : all), normal = (Vectors.Load(x + i) - m) * v;
            g.Store(delta + i);
            Vector.Widen(g, out Vector<double> low, out Vector<double> high);
            Vector.Widen(normal, out Vector<double> normalLow, out Vector<double> normalHigh);
            sums += low + high;
            dots += (low * normalLow) + (high * normalHigh);
        }

        double sum = Vector.Sum(sums), dot = Vector.Sum(dots);
        for (; i < length; i++)
        {
            float g = delta[i] *= each ? scale[i] : *scale;
            sum += g;
            dot += g * (double)((x[i] - mean) * inverse);
        }

        return (sum, dot);
    }

    /// <summary>delta = inverse · (delta − level − slope · the normalized row), in place.</summary>
    public static void Backward(float* delta, float* x, long length, float mean, float inverse, float level, float slope)
    {
        Vector<float> m = Vector.Create(mean), v = Vector.Create(inverse), l = Vector.Create(level), s = Vector.Create(slope);
        long i = 0;
        for (; i <= length - Vector<float>.Count; i += Vector<float>.Count)
            (v * (Vectors.Load(delta + i) - l - ((Vectors.Load(x + i) - m) * v * s))).Store(delta + i);
        for (; i < length; i++) delta[i] = inverse * (delta[i] - level - ((x[i] - mean) * inverse * slope));
    }

    private static double Squares(float* x, long length, double mean)
    {
        Vector<double> sums = default, m = Vector.Create(mean);
        long i = 0;
        for (; i <= length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector.Widen(Vectors.Load(x + i), out Vector<double> low, out Vector<double> high);
            (low, high) = (low - m, high - m);
            sums += (low * low) + (high * high);
        }

        double sum = Vector.Sum(sums);
        for (; i < length; i++) sum += (x[i] - mean) * (x[i] - mean);
        return sum;
    }
}
