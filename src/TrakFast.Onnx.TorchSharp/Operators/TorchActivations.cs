using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace TrakFast.TorchSharp;

/// <summary>Activation functions, with the numbers that their nodes name.</summary>
internal static class TorchActivations
{
    /// <summary>A function of one value by its operator's name; null where there is none.</summary>
    public static TorchOperator? Function(string type) => type switch
    {
        "LeakyRelu" => static s => LeakyRelu(s[0], s.Node.Number("alpha", 0.01f)),
        "Elu" => static s => Elu(s[0], 1, s.Node.Number("alpha", 1), 1),
        "Selu" => static s =>
            Elu(s[0], s.Node.Number("gamma", 1.05070102f), s.Node.Number("alpha", 1.67326319f) * s.Node.Number("gamma", 1.05070102f), 1),
        "Celu" => static s => Elu(s[0], 1, s.Node.Number("alpha", 1), 1 / s.Node.Number("alpha", 1)),
        "Softplus" => static s => s[0].softplus(),
        "Softsign" => static s => s[0] / (s[0].abs() + 1),
        "Mish" => static s => s[0] * s[0].softplus().tanh(),
        "HardSigmoid" => static s => TorchElementwise.Between((s[0] * s.Node.Number("alpha", 0.2f)) + s.Node.Number("beta", 0.5f), 0, 1),
        "HardSwish" => static s => s[0] * TorchElementwise.Between((s[0] / 6) + 0.5f, 0, 1),
        "Gelu" => static s => s.Node.Text("approximate", "none") == "tanh" ? GeluByTanh(s[0]) : nn.functional.gelu(s[0]),
        "ThresholdedRelu" => static s => ThresholdedRelu(s[0], s.Node.Number("alpha", 1)),
        "Shrink" => static s => Shrink(s[0], s.Node.Number("lambd", 0.5f), s.Node.Number("bias", 0)),
        _ => null,
    };

    private static Tensor LeakyRelu(Tensor x, float alpha) => where(x > 0, x, x * alpha);

    // γx above 0, a(e^(sx) − 1) below.
    private static Tensor Elu(Tensor x, float above, float amplitude, float steepness) =>
        where(x > 0, x * above, (x.clamp(max: 0) * steepness).expm1() * amplitude);

    private static Tensor GeluByTanh(Tensor x) => x * 0.5f * (((x + (x * x * x * 0.044715f)) * 0.79788456080286536f).tanh() + 1);

    private static Tensor ThresholdedRelu(Tensor x, float alpha) => where(x > alpha, x, zeros_like(x));

    private static Tensor Shrink(Tensor x, float lambda, float bias) =>
        where(x > lambda, x - bias, where(x < -lambda, x + bias, zeros_like(x)));
}
