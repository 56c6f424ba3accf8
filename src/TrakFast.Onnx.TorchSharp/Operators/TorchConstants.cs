using TrakFast.Onnx;
using Tensor = TorchSharp.torch.Tensor;

namespace TrakFast.TorchSharp;

/// <summary>Values that follow from the graph alone and were too large to be worked out before.</summary>
internal static class TorchConstants
{
    /// <summary>One number throughout.</summary>
    public static Tensor Filled(TorchStep step) =>
        step.Filled(step.Node.Attributes.GetValueOrDefault("value") is ArrayAttribute { Value: { } one } ? one.ToFloats()[0] : 0);

    /// <summary>1 on a diagonal, 0 elsewhere.</summary>
    public static Tensor Diagonal(TorchStep step)
    {
        long diagonal = step.Node.Integer("k", 0);
        return step.Filled(1).triu(diagonal).tril(diagonal);
    }
}
