using TorchSharp.Modules;
using TrakFast.TorchSharp.Engines;
using static TorchSharp.torch;

namespace TrakFast.TorchSharp;

/// <summary>y = x Wᵀ + b over any leading axes.</summary>
internal sealed class LinearLayer : Layer
{
    public LinearLayer(Linear module, Dictionary<string, ModelParameter> parameters)
        : base(module, parameters)
    {
    }

    public override bool AnyLeadingAxes => true;

    public override bool Separates(CallGradient call) => SeparatesBefore(call, 1);

    public override IEnumerable<GradientPart> Parts(CallGradient call, Targets targets)
    {
        Tensor delta = TorchMemory.Packed(call.Delta);
        if (Want(targets, "weight", out long weight)) yield return new OuterProductPart(weight, delta, call.Input);
        if (Want(targets, "bias", out long bias)) yield return new DensePart(bias, SumPositions(delta, 1));
    }
}
