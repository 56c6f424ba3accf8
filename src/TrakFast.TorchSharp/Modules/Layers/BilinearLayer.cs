using TorchSharp.Modules;
using TrakFast.TorchSharp.Engines;
using static TorchSharp.torch;

namespace TrakFast.TorchSharp;

/// <summary>y_o = x₁ᵀ W_o x₂ + b_o over any leading axes: W [O, I₁, I₂] as a matrix [O·I₁, I₂] has the factors δ ⊗ x₁ and x₂.</summary>
internal sealed class BilinearLayer : Layer
{
    public BilinearLayer(Bilinear module, Dictionary<string, ModelParameter> parameters)
        : base(module, parameters)
    {
    }

    public override bool Separates(CallGradient call) => SeparatesBefore(call, 1);

    public override IEnumerable<GradientPart> Parts(CallGradient call, Targets targets)
    {
        Tensor delta = TorchMemory.Packed(call.Delta);
        if (Want(targets, "weight", out long weight))
        {
            Tensor products = delta.unsqueeze(-1) * TorchMemory.Packed(call.Input).unsqueeze(-2);
            yield return new OuterProductPart(weight, products.flatten(-2), call.Inputs[1].ByExample);
        }

        if (Want(targets, "bias", out long bias)) yield return new DensePart(bias, SumPositions(delta, 1));
    }
}
