using System.Numerics;

namespace TrakFast.Onnx;

/// <summary>Gelu of opset 20: x·Φ(x), exactly or by tanh.</summary>
internal static class Gelu
{
    private const int FirstOpset = 20;

    public static Operator Create(NodeBuilder node)
    {
        if (node.Opset < FirstOpset) throw node.Refuse($"belongs to opset {FirstOpset}; the file names opset {node.Opset}");
        return node.Node.Text("approximate", "none") switch
        {
            "none" => new Unary<GeluFunction>(node, default),
            "tanh" => new Unary<GeluTanhFunction>(node, default),
            string other => throw node.Refuse($"names the approximation '{other}'; 'none' and 'tanh' are known"),
        };
    }
}

/// <summary>x·Φ(x) = x/2·(1 + erf(x/√2)); its derivative is Φ(x) + x·φ(x).</summary>
internal readonly struct GeluFunction : IVectorFunction
{
    private const float OneOverRoot2 = 0.70710678118654752f;
    private const float OneOverRoot2Pi = 0.39894228040143268f;

    public Vector<float> Forward(Vector<float> x) => x * Phi(x);

    public Vector<float> Backward(Vector<float> x, Vector<float> y, Vector<float> gradient) =>
        gradient * Vector.MultiplyAddEstimate(x * OneOverRoot2Pi, VectorMath.Exp(x * x * -0.5f), Phi(x));

    private static Vector<float> Phi(Vector<float> x) =>
        Vector.MultiplyAddEstimate(VectorMath.Erf(x * OneOverRoot2), Vector.Create(0.5f), Vector.Create(0.5f));
}

/// <summary>x/2·(1 + tanh(√(2/π)·(x + 0.044715 x³))).</summary>
internal readonly struct GeluTanhFunction : IVectorFunction
{
    private const float RootTwoOverPi = 0.79788456080286536f;
    private const float Cubic = 0.044715f;

    public Vector<float> Forward(Vector<float> x) => x * 0.5f * (Vector<float>.One + Inner(x));

    public Vector<float> Backward(Vector<float> x, Vector<float> y, Vector<float> gradient)
    {
        Vector<float> t = Inner(x);
        Vector<float> slope = (Vector<float>.One + (x * x * (3 * Cubic))) * RootTwoOverPi;
        return gradient * 0.5f * (Vector<float>.One + t + (x * (Vector<float>.One - (t * t)) * slope));
    }

    private static Vector<float> Inner(Vector<float> x) => VectorMath.Tanh((x + (x * x * x * Cubic)) * RootTwoOverPi);
}
