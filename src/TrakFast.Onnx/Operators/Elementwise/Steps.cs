using System.Numerics;

namespace TrakFast.Onnx;

/// <summary>−1, 0 or 1 by the sign. No gradient passes through this and the other functions in steps.</summary>
internal readonly struct SignFunction : IScalarFunction
{
    public static float Forward(float x) => x > 0 ? 1 : x < 0 ? -1 : x;

    public static float Slope(float x) => 0;
}

/// <summary>The whole number below.</summary>
internal readonly struct FloorFunction : IScalarFunction
{
    public static float Forward(float x) => MathF.Floor(x);

    public static float Slope(float x) => 0;
}

/// <summary>The whole number above.</summary>
internal readonly struct CeilFunction : IScalarFunction
{
    public static float Forward(float x) => MathF.Ceiling(x);

    public static float Slope(float x) => 0;
}

/// <summary>The nearest whole number, the even one of two.</summary>
internal readonly struct RoundFunction : IScalarFunction
{
    public static float Forward(float x) => MathF.Round(x, MidpointRounding.ToEven);

    public static float Slope(float x) => 0;
}

/// <summary>Whether x is not a number.</summary>
internal readonly struct IsNaNFunction : IVectorFunction
{
    public Vector<float> Forward(Vector<float> x) => Truth.Of(~Vector.Equals(x, x));

    public Vector<float> Backward(Vector<float> x, Vector<float> y, Vector<float> gradient) => default;
}

/// <summary>Whether x is infinite, above or below as asked.</summary>
internal readonly struct IsInfFunction(bool above, bool below) : IVectorFunction
{
    public Vector<float> Forward(Vector<float> x) => Truth.Of(
        (above ? Vector.Equals(x, Vector.Create(float.PositiveInfinity)) : default)
        | (below ? Vector.Equals(x, Vector.Create(float.NegativeInfinity)) : default));

    public Vector<float> Backward(Vector<float> x, Vector<float> y, Vector<float> gradient) => default;
}

/// <summary>x above α, else 0.</summary>
internal readonly struct ThresholdedReluFunction(float alpha) : IVectorFunction
{
    public Vector<float> Forward(Vector<float> x) => Vector.ConditionalSelect(Vector.LessThanOrEqual(x, Vector.Create(alpha)), default, x);

    public Vector<float> Backward(Vector<float> x, Vector<float> y, Vector<float> gradient) =>
        Vector.ConditionalSelect(Vector.GreaterThan(x, Vector.Create(alpha)), gradient, default);
}

/// <summary>x moved by a bias towards 0 where |x| is above λ, else 0.</summary>
internal readonly struct ShrinkFunction(float lambda, float bias) : IVectorFunction
{
    public Vector<float> Forward(Vector<float> x)
    {
        Vector<float> b = Vector.Create(bias);
        Vector<float> above = Vector.ConditionalSelect(Vector.GreaterThan(x, Vector.Create(lambda)), x - b, default);
        return Vector.ConditionalSelect(Vector.LessThan(x, Vector.Create(-lambda)), x + b, above);
    }

    public Vector<float> Backward(Vector<float> x, Vector<float> y, Vector<float> gradient) =>
        Vector.ConditionalSelect(Vector.GreaterThan(Vector.Abs(x), Vector.Create(lambda)), gradient, default);
}
