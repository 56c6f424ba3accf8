using System.Numerics;

namespace TrakFast.Onnx;

/// <summary>
/// What batch normalization does to one channel of one image, with the Relu behind it or without: one pass forward and
/// one back. Sums have an order that depends on the plane's length alone.
/// </summary>
internal static unsafe class ChannelPlane
{
    /// <summary>y = (x − mean) · factor + bias, and 0 for what is below 0 where there is a Relu.</summary>
    public static void Forward(float* x, float* y, long length, float mean, float factor, float bias, bool relu)
    {
        Vector<float> m = Vector.Create(mean), b = Vector.Create(bias);
        long i = 0;
        for (; i <= length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> z = ((Vectors.Load(x + i) - m) * factor) + b;
            (relu ? default(ReluFunction).Forward(z) : z).Store(y + i);
        }

        for (; i < length; i++)
        {
            float z = ((x[i] - mean) * factor) + bias;
            y[i] = relu && z < 0 ? 0 : z;
        }
    }

    /// <summary>
    /// δ = δ · factor in place, 0 where a Relu's output y is not above 0; gives Σδ and Σδ·(x − mean) as they were before the
    /// factor.
    /// </summary>
    /// <param name="delta">The plane's gradient.</param>
    /// <param name="y">What a Relu made of the plane; null where there is none.</param>
    /// <param name="x">The plane before normalization; null where the second sum is not wanted.</param>
    /// <param name="length">Elements of the plane.</param>
    /// <param name="mean">The channel's mean.</param>
    /// <param name="factor">The channel's factor.</param>
    public static (float Sum, float Dot) Backward(float* delta, float* y, float* x, long length, float mean, float factor)
    {
        Vector<float> sums = default, dots = default, m = Vector.Create(mean);
        long i = 0;
        for (; i <= length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> d = Vectors.Load(delta + i);
            if (y != null) d = default(ReluFunction).Backward(default, Vectors.Load(y + i), d);
            sums += d;
            if (x != null) dots += d * (Vectors.Load(x + i) - m);
            (d * factor).Store(delta + i);
        }

        float sum = Vector.Sum(sums), dot = Vector.Sum(dots);
        for (; i < length; i++)
        {
            float d = y != null && !(y[i] > 0) ? 0 : delta[i];
            sum += d;
            if (x != null) dot += d * (x[i] - mean);
            delta[i] = d * factor;
        }

        return (sum, dot);
    }
}
