using TrakFast.Onnx.Programs;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace TrakFast.TorchSharp;

/// <summary>
/// Functions of each element. Where a function has a corner, the gradient there is the managed engine's: none at the bounds of
/// a clip, the slope below at 0.
/// </summary>
internal static class TorchElementwise
{
    // TensorProto.DataType.BOOL.
    private const int BoolType = 9;

    /// <summary>A function of one value by its operator's name; null where there is none.</summary>
    public static TorchOperator? Function(string type) => type switch
    {
        "Relu" => static s => s[0].relu(),
        "Sigmoid" => static s => s[0].sigmoid(),
        "Tanh" => static s => s[0].tanh(),
        "Erf" => static s => s[0].erf(),
        "Sqrt" => static s => s[0].sqrt(),
        "Exp" => static s => s[0].exp(),
        "Neg" => static s => s[0].neg(),
        "Log" => static s => s[0].log(),
        "Abs" => static s => s[0].abs(),
        "Reciprocal" => static s => s[0].reciprocal(),
        "Sin" => static s => s[0].sin(),
        "Cos" => static s => s[0].cos(),
        "Tan" => static s => s[0].tan(),
        "Asin" => static s => s[0].asin(),
        "Acos" => static s => s[0].acos(),
        "Atan" => static s => s[0].atan(),
        "Sinh" => static s => s[0].sinh(),
        "Cosh" => static s => s[0].cosh(),
        "Asinh" => static s => s[0].asinh(),
        "Acosh" => static s => s[0].acosh(),
        "Atanh" => static s => s[0].atanh(),
        "Floor" => static s => s[0].floor(),
        "Ceil" => static s => s[0].ceil(),
        "Round" => static s => s[0].round(),
        "Sign" => static s => s[0].sign(),
        "Not" => static s => 1 - s[0],
        "IsNaN" => static s => s[0].isnan().to_type(ScalarType.Float32),
        "IsInf" => IsInf,
        _ => TorchActivations.Function(type),
    };

    public static Tensor Divide(TorchStep step)
    {
        Tensor quotient = step.Aligned(0) / step.Aligned(1);
        return step.Output.Whole ? quotient.trunc() : quotient;
    }

    public static Tensor Pow(TorchStep step)
    {
        ProgramValue exponent = step.Of(1);
        if (exponent.Known is not { } known || exponent.Length != 1 || exponent.Rank > step.Of(0).Rank)
            return step.Aligned(0).pow(step.Aligned(1));
        return step[0].pow(known.Span[0]);
    }

    public static Tensor PRelu(TorchStep step)
    {
        Tensor x = step.Aligned(0), slope = step.Aligned(1);
        return where(x > 0, x, x * slope);
    }

    public static Tensor Where(TorchStep step) => where(step.Aligned(0).ne(0), step.Aligned(1), step.Aligned(2));

    public static Tensor Cast(TorchStep step)
    {
        Tensor x = step[0];
        if (!step.Output.Whole) return x.to_type(step.TypeOf(step.Output));
        bool truth = step.Node.OpType == "Cast" && step.Node.Integer("to", 0) == BoolType;
        return truth ? x.ne(0).to_type(ScalarType.Float32) : x.to_type(ScalarType.Float32).trunc();
    }

    public static Tensor Clip(TorchStep step) =>
        Between(step[0], Bound(step, 1) ?? float.NegativeInfinity, Bound(step, 2) ?? float.PositiveInfinity);

    /// <summary>x kept between two numbers; no gradient passes outside or at them.</summary>
    public static Tensor Between(Tensor x, float low, float high) => where((x > low).logical_and(x < high), x, x.detach().clamp(low, high));

    private static float? Bound(TorchStep step, int input) => step.Has(input) ? step.Known(input)[0] : null;

    private static Tensor IsInf(TorchStep step)
    {
        Tensor x = step[0];
        bool above = step.Node.Integer("detect_positive", 1) != 0, below = step.Node.Integer("detect_negative", 1) != 0;
        Tensor found = above && below ? x.isinf() : above ? x.isposinf() : below ? x.isneginf() : zeros_like(x);
        return found.to_type(ScalarType.Float32);
    }
}
