using System.Numerics;
using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>xᵉ. An exponent that is one constant number, as nearly all are, is exact and cheap where it is small and whole.</summary>
internal static class Pow
{
    public static Operator Create(NodeBuilder node)
    {
        if (node.InputCount != 2) throw node.Refuse($"has {node.InputCount} inputs; 2 are wanted");
        return node.Peek(1) is { Known: true, Length: 1, Rank: <= 1 } exponent && node.Has(0) && exponent.Rank <= node.Peek(0).Rank
            ? new PowOfConstant(node, node.Number(1, "an exponent"))
            : new PowOfVariable(node);
    }
}

/// <summary>xᵉ for a constant number e.</summary>
internal sealed unsafe class PowOfConstant : Operator
{
    private readonly float _exponent;

    public PowOfConstant(NodeBuilder node, float exponent)
        : base(node, inputs: 2)
    {
        _exponent = exponent;
        Value x = node.Peek(0);
        if (x.Numbers is not null && exponent is >= 0 and <= 64 && MathF.Floor(exponent) == exponent)
        {
            WholeNumbers.Map(node, x, v => unchecked((long)(ulong)(BigInteger.Pow(v, (int)exponent) & ulong.MaxValue)));
            return;
        }

        x = node.Data(0);
        node.Like(x, x.Shape, x.Placement);
    }

    public override bool Overwrites => true;

    public override bool ReusesGradient => true;

    public override void Forward(ForwardContext context)
    {
        Tensor x = context.Input(0);
        VectorMap.Forward(context.Workers, new PowerFunction(_exponent), x.Data, context.Output.Data, x.Total);
    }

    public override void Backward(BackwardContext context)
    {
        Tensor x = context.Input(0);
        NativeBuffer<float> gradient = context.TakeGradient();
        for (int b = 0; b < (x.Separate ? 1 : context.Batch); b++)
        {
            float* through = gradient.Pointer + (b * x.Length);
            VectorMap.Backward(context.Workers, new PowerFunction(_exponent), x.Data, through, through, x.Total);
        }

        context.Give(0, gradient);
    }
}

/// <summary>xᵉ.</summary>
internal readonly struct PowerFunction(float exponent) : IVectorFunction
{
    public Vector<float> Forward(Vector<float> x) => Power(x, exponent);

    // x⁰ is 1 at 0 too.
    public Vector<float> Backward(Vector<float> x, Vector<float> y, Vector<float> gradient) =>
        exponent == 0 ? Vector<float>.Zero : gradient * (exponent * Power(x, exponent - 1));

    private static Vector<float> Power(Vector<float> x, float exponent) => exponent switch
    {
        0 => Vector<float>.One,
        1 => x,
        2 => x * x,
        3 => x * x * x,
        0.5f => Vector.SquareRoot(x),
        -1 => Vector<float>.One / x,
        _ => PowFunction.Each(x, Vector.Create(exponent), MathF.Pow),
    };
}

/// <summary>aᵇ, broadcast; ∂/∂a = b·aᵇ⁻¹, ∂/∂b = aᵇ·ln a (0 at a = 0, as PyTorch has it).</summary>
internal sealed unsafe class PowOfVariable(NodeBuilder node) : Binary<PowFunction>(node, whole: null)
{
    public override void Backward(BackwardContext context)
    {
        if (context.Wants(0)) GiveSummed(context, 0, Slope<PowSlopeFunction>(context));
        if (context.Wants(1)) GiveSummed(context, 1, Slope<PowExponentSlopeFunction>(context));
    }

    private static NativeBuffer<float> Slope<TFunction>(BackwardContext context)
        where TFunction : struct, IBinaryFunction
    {
        Tensor a = context.Input(0), b = context.Input(1), y = context.Output;
        NativeBuffer<float> slope = context.Rent(y.Total), gradient = context.Rent(context.Batch * y.Length);
        new BroadcastLoop(y.Parts, y.Shape, a.Shape, a.Stride, b.Shape, b.Stride)
            .Run<TFunction>(context.Workers, a.Data, b.Data, slope.Pointer);
        new BroadcastLoop(context.Batch, y.Shape, y.Shape, y.Length, y.Shape, y.Stride)
            .Run<MultiplyFunction>(context.Workers, context.Gradient, slope.Pointer, gradient.Pointer);
        context.Return(slope);
        return gradient;
    }
}

/// <summary>aᵇ.</summary>
internal readonly struct PowFunction : IBinaryFunction
{
    public static Vector<float> Invoke(Vector<float> a, Vector<float> b) => Each(a, b, MathF.Pow);

    /// <summary>A function element by element.</summary>
    public static Vector<float> Each(Vector<float> a, Vector<float> b, Func<float, float, float> f)
    {
        Span<float> values = stackalloc float[Vector<float>.Count];
        for (int i = 0; i < values.Length; i++) values[i] = f(a[i], b[i]);
        return new Vector<float>(values);
    }
}

/// <summary>b·aᵇ⁻¹.</summary>
internal readonly struct PowSlopeFunction : IBinaryFunction
{
    public static Vector<float> Invoke(Vector<float> a, Vector<float> b) =>
        PowFunction.Each(a, b, static (x, e) => e == 0 ? 0 : e * MathF.Pow(x, e - 1));
}

/// <summary>aᵇ·ln a.</summary>
internal readonly struct PowExponentSlopeFunction : IBinaryFunction
{
    public static Vector<float> Invoke(Vector<float> a, Vector<float> b) =>
        PowFunction.Each(a, b, static (x, e) => x == 0 && e >= 0 ? 0 : MathF.Pow(x, e) * MathF.Log(x));
}
