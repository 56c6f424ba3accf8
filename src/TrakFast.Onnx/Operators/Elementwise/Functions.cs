using System.Numerics;

namespace TrakFast.Onnx;

/// <summary>max(x, 0), passing what is not a number on.</summary>
internal readonly struct ReluFunction : IVectorFunction
{
    public static bool ReadsInput => false;

    public static bool ReadsOutput => true;

    public Vector<float> Forward(Vector<float> x) => Vector.ConditionalSelect(Vector.LessThan(x, default), default, x);

    public Vector<float> Backward(Vector<float> x, Vector<float> y, Vector<float> gradient) =>
        Vector.ConditionalSelect(Vector.GreaterThan(y, default), gradient, default);
}

/// <summary>x for x ≥ 0, αx below.</summary>
internal readonly struct LeakyReluFunction(float alpha) : IVectorFunction
{
    public Vector<float> Forward(Vector<float> x) => Vector.ConditionalSelect(Vector.LessThan(x, default), x * alpha, x);

    public Vector<float> Backward(Vector<float> x, Vector<float> y, Vector<float> gradient) =>
        Vector.ConditionalSelect(Vector.GreaterThan(x, default), gradient, gradient * alpha);
}

/// <summary>1 / (1 + e⁻ˣ).</summary>
internal readonly struct SigmoidFunction : IVectorFunction
{
    public static bool ReadsInput => false;

    public static bool ReadsOutput => true;

    public Vector<float> Forward(Vector<float> x) => Vector<float>.One / (Vector<float>.One + VectorMath.Exp(-x));

    public Vector<float> Backward(Vector<float> x, Vector<float> y, Vector<float> gradient) => gradient * y * (Vector<float>.One - y);
}

/// <summary>tanh.</summary>
internal readonly struct TanhFunction : IVectorFunction
{
    public static bool ReadsInput => false;

    public static bool ReadsOutput => true;

    public Vector<float> Forward(Vector<float> x) => VectorMath.Tanh(x);

    public Vector<float> Backward(Vector<float> x, Vector<float> y, Vector<float> gradient) => gradient * (Vector<float>.One - (y * y));
}

/// <summary>The error function; its derivative is 2/√π · e^(−x²).</summary>
internal readonly struct ErfFunction : IVectorFunction
{
    private const float TwoOverRootPi = 1.1283791670955126f;

    public Vector<float> Forward(Vector<float> x) => VectorMath.Erf(x);

    public Vector<float> Backward(Vector<float> x, Vector<float> y, Vector<float> gradient) =>
        gradient * TwoOverRootPi * VectorMath.Exp(-(x * x));
}

/// <summary>√x.</summary>
internal readonly struct SqrtFunction : IVectorFunction
{
    public static bool ReadsInput => false;

    public static bool ReadsOutput => true;

    public Vector<float> Forward(Vector<float> x) => Vector.SquareRoot(x);

    public Vector<float> Backward(Vector<float> x, Vector<float> y, Vector<float> gradient) => gradient / (y + y);
}

/// <summary>eˣ.</summary>
internal readonly struct ExpFunction : IVectorFunction
{
    public static bool ReadsInput => false;

    public static bool ReadsOutput => true;

    public Vector<float> Forward(Vector<float> x) => VectorMath.Exp(x);

    public Vector<float> Backward(Vector<float> x, Vector<float> y, Vector<float> gradient) => gradient * y;
}

/// <summary>−x.</summary>
internal readonly struct NegateFunction : IVectorFunction
{
    public static bool ReadsInput => false;

    public Vector<float> Forward(Vector<float> x) => -x;

    public Vector<float> Backward(Vector<float> x, Vector<float> y, Vector<float> gradient) => -gradient;
}
