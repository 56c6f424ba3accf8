using static TorchSharp.torch;

namespace TrakFast.TorchSharp;

/// <summary>One call of a layer during a forward pass: what it read, and its outputs as places in autograd's graph.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Number">Which call of that layer it was.</param>
/// <param name="Arguments">Its arguments; their tensors apart from the graph.</param>
/// <param name="Outputs">Its floating-point outputs.</param>
internal sealed record LayerCall(Layer Layer, int Number, object?[] Arguments, IReadOnlyList<Tensor> Outputs)
{
    /// <summary>The tensors of the arguments, in order.</summary>
    public IReadOnlyList<Tensor> Inputs { get; } = [.. Arguments.SelectMany(TensorTree.Leaves)];

    /// <summary>Frees what was kept.</summary>
    public void Free()
    {
        foreach (Tensor tensor in Inputs.Concat(Outputs)) tensor.Dispose();
    }
}

/// <summary>Sizes of what a layer read and gave in one call.</summary>
internal sealed record CallShape(IReadOnlyList<long[]> Inputs, IReadOnlyList<long[]> Outputs);
