using TrakFast.Kernels;
using static TorchSharp.torch;

namespace TrakFast.TorchSharp;

/// <summary>A gradient block that is still tensors: it becomes a view of them, or one example's gradient written out.</summary>
internal abstract class GradientPart
{
    protected GradientPart(int batch, long offset) => (Batch, Offset) = (batch, offset);

    /// <summary>First coordinate of the flat gradient.</summary>
    public long Offset { get; }

    /// <summary>Number of examples B.</summary>
    protected int Batch { get; }

    /// <summary>The block, which views this part's tensors.</summary>
    public abstract GradientBlock ToBlock();

    /// <summary>Adds the gradient of a part with a single example.</summary>
    /// <param name="gradient">The parameter's, flat.</param>
    /// <param name="start">The coordinate it starts at.</param>
    public abstract void AddTo(Tensor gradient, long start);
}
