using TrakFast.TorchSharp.Engines;
using static TorchSharp.torch;

namespace TrakFast.TorchSharp;

/// <summary>
/// Layers that all examples share, such as an embedding of positions that is added to each example's tokens. An example's δ of what
/// such a layer gave is the δ of what it was added to: it is found by the shared δ being the sum of the examples' ones.
/// </summary>
internal static class BroadcastAddition
{
    private const double Tolerance = 1e-4;

    /// <summary>
    /// The call with its inputs and δ apart for each example, and the layer to whose output it was added; null where there is none.
    /// </summary>
    public static (Layer Partner, CallGradient Gradient)? Separate(
        LayerCall shared, Operand[] inputs, Operand delta, IEnumerable<(Layer Layer, Operand Delta)> others)
    {
        if (!shared.Layer.AnyLeadingAxes || delta.Axis != -1 || inputs.Any(static i => i.Axis != -1)) return null;
        if (Find(delta.Tensor, others) is not var (layer, each)) return null;
        int batch = checked((int)each.shape[0]);
        Operand[] repeated = [.. inputs.Select(i => new Operand(i.Tensor.unsqueeze(0).expand([batch, .. i.Tensor.shape]), 0, batch))];
        return (layer, new CallGradient(batch, shared.Arguments, repeated, [new Operand(each, 0, batch)]));
    }

    /// <summary>
    /// The examples' δ that add up to a shared one, [B, its shape], and the layer whose output they belong to; null where there are none.
    /// </summary>
    public static (Layer Layer, Tensor Each)? Find(Tensor shared, IEnumerable<(Layer Layer, Operand Delta)> others)
    {
        Tensor total = TorchMemory.Packed(shared);
        double norm = total.norm().item<float>();
        foreach ((Layer layer, Operand other) in others)
        {
            if (other.Axis != 0 || !other.Splits || other.Tensor.numel() != total.numel() * other.Batch) continue;
            Tensor each = TorchMemory.Packed(other.Tensor).reshape([other.Batch, .. total.shape]);
            if ((each.sum(0L) - total).norm().item<float>() <= Tolerance * norm) return (layer, each);
        }

        return null;
    }
}
