using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TrakFast.TorchSharp;

/// <summary>y = max(x, 0) + w·min(x, 0), with one w or one for each channel: the gradient is Σ δ·min(x, 0).</summary>
internal sealed class PReLULayer : Layer
{
    private readonly long _channels;

    public PReLULayer(PReLU module, Dictionary<string, ModelParameter> parameters)
        : base(module, parameters) => _channels = module.num_parameters;

    public override IEnumerable<GradientPart> Parts(CallGradient call, Targets targets)
    {
        if (!Want(targets, "weight", out long weight)) yield break;
        Tensor products = CallGradient.Float(call.Deltas[0]!.Tensor) * CallGradient.Float(call.Inputs[0].Tensor).clamp_max(0);
        yield return new DensePart(weight, _channels == 1
            ? products.reshape(call.Batch, -1).sum(1L, keepdim: true)
            : products.reshape(call.Batch, -1, _channels, products.numel() / (products.shape[0] * _channels)).sum(1L, 3L));
    }
}
