using TrakFast.Onnx;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace TrakFast.TorchSharp;

/// <summary>Values that follow from the graph alone and were too large to be worked out before.</summary>
internal static class TorchConstants
{
    public static Tensor Of(TorchStep step) => step.Node.OpType switch
    {
        "ConstantOfShape" => step.Filled(step.Node.Attributes.GetValueOrDefault("value") is ArrayAttribute { Value: { } one } ? one.ToFloats()[0] : 0),
        "Range" => (arange(step.Output.Length, device: step.Filled(0).device) * First(step, 2) + First(step, 0)).to_type(step.TypeOf(step.Output)).unsqueeze(0),
        _ => Diagonal(step.Filled(1), step.Node.Integer("k", 0)),
    };

    private static float First(TorchStep step, int input) => step.Of(input).Constant![0];

    private static Tensor Diagonal(Tensor ones, long diagonal) => ones.triu(diagonal).tril(diagonal);
}
