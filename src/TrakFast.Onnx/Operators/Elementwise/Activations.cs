using System.Numerics;

namespace TrakFast.Onnx;

/// <summary>γx above 0, a(e^(sx) − 1) below: Elu, Selu and Celu.</summary>
internal readonly struct EluFunction : IVectorFunction
{
    public static bool ReadsOutput => true;

    private readonly float _above;
    private readonly float _amplitude;
    private readonly float _steepness;

    private EluFunction(float above, float amplitude, float steepness)
    {
        _above = above;
        _amplitude = amplitude;
        _steepness = steepness;
    }

    public static EluFunction Elu(float alpha) => new(1, alpha, 1);

    public static EluFunction Selu(float alpha, float gamma) => new(gamma, alpha * gamma, 1);

    public static EluFunction Celu(float alpha) => new(1, alpha, 1 / alpha);

    public Vector<float> Forward(Vector<float> x) => Vector.ConditionalSelect(
        Vector.GreaterThan(x, default), x * _above, (VectorMath.Exp(Vector.Min(x, default) * _steepness) - Vector<float>.One) * _amplitude);

    public Vector<float> Backward(Vector<float> x, Vector<float> y, Vector<float> gradient) => gradient * Vector.ConditionalSelect(
        Vector.GreaterThan(x, default), Vector.Create(_above), (y + Vector.Create(_amplitude)) * _steepness);
}

/// <summary>log(1 + eˣ).</summary>
internal readonly struct SoftplusFunction : IVectorFunction
{
    public Vector<float> Forward(Vector<float> x) =>
        Vector.Max(x, default) + Vector.Log(Vector<float>.One + VectorMath.Exp(-Vector.Abs(x)));

    public Vector<float> Backward(Vector<float> x, Vector<float> y, Vector<float> gradient) =>
        gradient / (Vector<float>.One + VectorMath.Exp(-x));
}

/// <summary>x / (1 + |x|).</summary>
internal readonly struct SoftsignFunction : IVectorFunction
{
    public Vector<float> Forward(Vector<float> x) => x / (Vector<float>.One + Vector.Abs(x));

    public Vector<float> Backward(Vector<float> x, Vector<float> y, Vector<float> gradient)
    {
        Vector<float> below = Vector<float>.One + Vector.Abs(x);
        return gradient / (below * below);
    }
}

/// <summary>x·tanh(softplus(x)).</summary>
internal readonly struct MishFunction : IVectorFunction
{
    public Vector<float> Forward(Vector<float> x) => x * VectorMath.Tanh(default(SoftplusFunction).Forward(x));

    public Vector<float> Backward(Vector<float> x, Vector<float> y, Vector<float> gradient)
    {
        Vector<float> t = VectorMath.Tanh(default(SoftplusFunction).Forward(x));
        return gradient * (t + (x * (Vector<float>.One - (t * t)) / (Vector<float>.One + VectorMath.Exp(-x))));
    }
}

/// <summary>αx + β kept between 0 and 1.</summary>
internal readonly struct HardSigmoidFunction(float alpha, float beta) : IVectorFunction
{
    public static bool ReadsInput => false;

    public static bool ReadsOutput => true;

    public Vector<float> Forward(Vector<float> x) => Vector.Min(Vector.Max((x * alpha) + Vector.Create(beta), default), Vector<float>.One);

    public Vector<float> Backward(Vector<float> x, Vector<float> y, Vector<float> gradient) => Vector.ConditionalSelect(
        Vector.GreaterThan(y, default) & Vector.LessThan(y, Vector<float>.One), gradient * alpha, default);
}

/// <summary>x·(x/6 + 1/2 kept between 0 and 1).</summary>
internal readonly struct HardSwishFunction : IVectorFunction
{
    private const float Sixth = 1f / 6;

    public Vector<float> Forward(Vector<float> x) => x * Gate(x);

    public Vector<float> Backward(Vector<float> x, Vector<float> y, Vector<float> gradient)
    {
        Vector<float> gate = Gate(x);
        return gradient * Vector.ConditionalSelect(
            Vector.GreaterThan(gate, default) & Vector.LessThan(gate, Vector<float>.One), gate + (x * Sixth), gate);
    }

    private static Vector<float> Gate(Vector<float> x) =>
        Vector.Min(Vector.Max((x * Sixth) + Vector.Create(0.5f), default), Vector<float>.One);
}

/// <summary>x kept between two numbers; no gradient passes outside or at them, as for ReLU6.</summary>
internal readonly struct ClipFunction(float low, float high) : IVectorFunction
{
    public Vector<float> Forward(Vector<float> x) => Vector.Min(Vector.Max(x, Vector.Create(low)), Vector.Create(high));

    public Vector<float> Backward(Vector<float> x, Vector<float> y, Vector<float> gradient) => Vector.ConditionalSelect(
        Vector.GreaterThan(x, Vector.Create(low)) & Vector.LessThan(x, Vector.Create(high)), gradient, default);
}

/// <summary>log x.</summary>
internal readonly struct LogFunction : IVectorFunction
{
    public Vector<float> Forward(Vector<float> x) => Vector.Log(x);

    public Vector<float> Backward(Vector<float> x, Vector<float> y, Vector<float> gradient) => gradient / x;
}

/// <summary>|x|.</summary>
internal readonly struct AbsFunction : IVectorFunction
{
    public Vector<float> Forward(Vector<float> x) => Vector.Abs(x);

    public Vector<float> Backward(Vector<float> x, Vector<float> y, Vector<float> gradient) => Vector.ConditionalSelect(
        Vector.Equals(x, default), default, Vector.ConditionalSelect(Vector.LessThan(x, default), -gradient, gradient));
}

/// <summary>1 / x.</summary>
internal readonly struct ReciprocalFunction : IVectorFunction
{
    public static bool ReadsInput => false;

    public static bool ReadsOutput => true;

    public Vector<float> Forward(Vector<float> x) => Vector<float>.One / x;

    public Vector<float> Backward(Vector<float> x, Vector<float> y, Vector<float> gradient) => -gradient * y * y;
}
