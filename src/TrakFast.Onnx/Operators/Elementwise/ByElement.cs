using System.Numerics;

namespace TrakFast.Onnx;

/// <summary>A function of one number and its derivative.</summary>
internal interface IScalarFunction
{
    static abstract float Forward(float x);

    /// <summary>f′(x).</summary>
    static abstract float Slope(float x);
}

/// <summary>A function applied number by number: what has no vector form whose bits are the same in every lane.</summary>
internal readonly struct ByElement<T> : IVectorFunction
    where T : struct, IScalarFunction
{
    public Vector<float> Forward(Vector<float> x)
    {
        Span<float> values = stackalloc float[Vector<float>.Count];
        x.CopyTo(values);
        for (int i = 0; i < values.Length; i++) values[i] = T.Forward(values[i]);
        return new Vector<float>(values);
    }

    public Vector<float> Backward(Vector<float> x, Vector<float> y, Vector<float> gradient)
    {
        Span<float> values = stackalloc float[Vector<float>.Count];
        x.CopyTo(values);
        for (int i = 0; i < values.Length; i++) values[i] = T.Slope(values[i]);
        return gradient * new Vector<float>(values);
    }
}
