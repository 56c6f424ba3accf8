using System.Numerics;

namespace TrakFast.Onnx;

/// <summary>A truth value of two values, 1 or 0; no gradient passes.</summary>
internal sealed class Comparison<T>(NodeBuilder node, Func<long, long, long> whole) : Binary<T>(node, whole, truth: true)
    where T : struct, IBinaryFunction
{
    public override bool KeepsInput(int input, bool[] wants) => false;

    public override void Backward(BackwardContext context)
    {
    }
}

/// <summary>Truth values as numbers.</summary>
internal static class Truth
{
    /// <summary>1 where a mask holds.</summary>
    public static Vector<float> Of(Vector<int> mask) => Vector.ConditionalSelect(mask.As<int, float>(), Vector<float>.One, default);
}

/// <summary>a = b.</summary>
internal readonly struct EqualFunction : IBinaryFunction
{
    public static Vector<float> Invoke(Vector<float> a, Vector<float> b) => Truth.Of(Vector.Equals(a, b));
}

/// <summary>a &gt; b.</summary>
internal readonly struct GreaterFunction : IBinaryFunction
{
    public static Vector<float> Invoke(Vector<float> a, Vector<float> b) => Truth.Of(Vector.GreaterThan(a, b));
}

/// <summary>a ≥ b.</summary>
internal readonly struct GreaterOrEqualFunction : IBinaryFunction
{
    public static Vector<float> Invoke(Vector<float> a, Vector<float> b) => Truth.Of(Vector.GreaterThanOrEqual(a, b));
}

/// <summary>a &lt; b.</summary>
internal readonly struct LessFunction : IBinaryFunction
{
    public static Vector<float> Invoke(Vector<float> a, Vector<float> b) => Truth.Of(Vector.LessThan(a, b));
}

/// <summary>a ≤ b.</summary>
internal readonly struct LessOrEqualFunction : IBinaryFunction
{
    public static Vector<float> Invoke(Vector<float> a, Vector<float> b) => Truth.Of(Vector.LessThanOrEqual(a, b));
}

/// <summary>a and b, of truth values.</summary>
internal readonly struct AndFunction : IBinaryFunction
{
    public static Vector<float> Invoke(Vector<float> a, Vector<float> b) => a * b;
}

/// <summary>a or b, of truth values.</summary>
internal readonly struct OrFunction : IBinaryFunction
{
    public static Vector<float> Invoke(Vector<float> a, Vector<float> b) => Vector.Max(a, b);
}

/// <summary>Either a or b, of truth values.</summary>
internal readonly struct XorFunction : IBinaryFunction
{
    public static Vector<float> Invoke(Vector<float> a, Vector<float> b) => Vector.Abs(a - b);
}

/// <summary>The opposite of a truth value.</summary>
internal readonly struct NotFunction : IVectorFunction
{
    public static bool ReadsInput => false;

    public Vector<float> Forward(Vector<float> x) => Vector<float>.One - x;

    public Vector<float> Backward(Vector<float> x, Vector<float> y, Vector<float> gradient) => default;
}
