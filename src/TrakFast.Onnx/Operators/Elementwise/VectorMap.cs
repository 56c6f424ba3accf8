using System.Numerics;
using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>A function of one number, several at a time, and the way its gradient goes back.</summary>
internal interface IVectorFunction
{
    /// <summary>Whether the backward function looks at x.</summary>
    static virtual bool ReadsInput => true;

    /// <summary>Whether the backward function looks at y.</summary>
    static virtual bool ReadsOutput => false;

    /// <summary>y = f(x).</summary>
    Vector<float> Forward(Vector<float> x);

    /// <summary>g · f′(x), where y = f(x).</summary>
    Vector<float> Backward(Vector<float> x, Vector<float> y, Vector<float> gradient);
}

/// <summary>
/// Runs a function over memory. The rest that fills no vector goes through a padded one, so that an element's bits do
/// not depend on where it lies.
/// </summary>
internal static unsafe class VectorMap
{
    public static void Forward<T>(Workers workers, T function, float* x, float* y, long length)
        where T : struct, IVectorFunction => workers.Run(length, Vectors.Grain, (start, end) =>
    {
        long i = start;
        for (; i <= end - Vector<float>.Count; i += Vector<float>.Count) function.Forward(Vectors.Load(x + i)).Store(y + i);
        if (i == end) return;
        float* rest = stackalloc float[Vector<float>.Count];
        Copy(x + i, rest, end - i);
        function.Forward(Vectors.Load(rest)).Store(rest);
        Copy(rest, y + i, end - i);
    });

    /// <summary>gradient = gradient · f′(x), in place.</summary>
    public static void Backward<T>(Workers workers, T function, float* x, float* y, float* gradient, long length)
        where T : struct, IVectorFunction => workers.Run(length, Vectors.Grain, (start, end) =>
    {
        long i = start;
        for (; i <= end - Vector<float>.Count; i += Vector<float>.Count)
            function.Backward(Vectors.Load(x + i), Vectors.Load(y + i), Vectors.Load(gradient + i)).Store(gradient + i);
        if (i == end) return;
        int width = Vector<float>.Count;
        float* rest = stackalloc float[3 * width];
        Copy(x + i, rest, end - i);
        Copy(y + i, rest + width, end - i);
        Copy(gradient + i, rest + (2 * width), end - i);
        function.Backward(Vectors.Load(rest), Vectors.Load(rest + width), Vectors.Load(rest + (2 * width))).Store(rest);
        Copy(rest, gradient + i, end - i);
    });

    private static void Copy(float* from, float* to, long length)
    {
        for (long i = 0; i < length; i++) to[i] = from[i];
    }
}
