using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TrakFast.TorchSharp;

/// <summary>
/// y = w·x̂ + b with one weight for each channel, the axis after the example's: the gradients are Σ δ·x̂ and Σ δ over all positions.
/// </summary>
internal sealed class NormalizationLayer : Layer
{
    private readonly Func<Tensor, Tensor> _normalize;

    private NormalizationLayer(nn.Module module, Dictionary<string, ModelParameter> parameters, Func<Tensor, Tensor> normalize)
        : base(module, parameters) => _normalize = normalize;

    public static NormalizationLayer Of(BatchNorm module, Dictionary<string, ModelParameter> parameters) => new(
        module, parameters, x => nn.functional.batch_norm(x, Float(module.running_mean), Float(module.running_var), eps: module.eps));

    public static NormalizationLayer Of(InstanceNorm module, Dictionary<string, ModelParameter> parameters) => new(
        module,
        parameters,
        x => nn.functional.instance_norm(
            x, Float(module.running_mean), Float(module.running_var), use_input_stats: !module.track_running_stats, eps: module.eps));

    public static NormalizationLayer Of(GroupNorm module, Dictionary<string, ModelParameter> parameters) => new(
        module, parameters, x => nn.functional.group_norm(x, module.num_groups, eps: module.eps));

    public override IEnumerable<GradientPart> Parts(CallGradient call, Targets targets)
    {
        Tensor delta = CallGradient.Float(call.Deltas[0]!.Tensor);
        if (Want(targets, "weight", out long weight))
            yield return new DensePart(weight, Channels(call, delta * _normalize(CallGradient.Float(call.Inputs[0].Tensor))));
        if (Want(targets, "bias", out long bias)) yield return new DensePart(bias, Channels(call, delta));
    }

    private static Tensor? Float(Tensor? statistic) => statistic is null ? null : CallGradient.Float(statistic);

    // [B·c, C, …] to [B, C].
    private static Tensor Channels(CallGradient call, Tensor values)
    {
        long[] shape = values.shape;
        return values.reshape(call.Batch, shape[0] / call.Batch, shape[1], -1).sum(1L, 3L);
    }
}
