using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TrakFast.TorchSharp;

/// <summary>y = w·x̂ + b with one weight for each element of the last axes.</summary>
internal sealed class LayerNormLayer : Layer
{
    private readonly LayerNorm _module;

    public LayerNormLayer(LayerNorm module, Dictionary<string, ModelParameter> parameters)
        : base(module, parameters) => _module = module;

    public override bool AnyLeadingAxes => true;

    private int Width => _module.normalized_shape.Length;

    public override bool Separates(CallGradient call) => SeparatesBefore(call, Width);

    public override IEnumerable<GradientPart> Parts(CallGradient call, Targets targets)
    {
        Tensor delta = call.Delta;
        if (Want(targets, "weight", out long weight))
        {
            Tensor normal = nn.functional.layer_norm(call.Input, _module.normalized_shape, eps: _module.eps);
            yield return new DensePart(weight, SumPositions(delta * normal, Width));
        }

        if (Want(targets, "bias", out long bias)) yield return new DensePart(bias, SumPositions(delta, Width));
    }
}
