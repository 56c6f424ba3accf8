using TrakFast.Kernels;
using TrakFast.TorchSharp.Engines;
using static TorchSharp.torch;

namespace TrakFast.TorchSharp;

/// <summary>Gradients written out.</summary>
internal sealed class DensePart : GradientPart
{
    private readonly Tensor _values;

    /// <param name="offset">First coordinate.</param>
    /// <param name="values">[B, …].</param>
    public DensePart(long offset, Tensor values)
        : base(checked((int)values.shape[0]), offset) => _values = TorchMemory.Packed(values);

    public override GradientBlock ToBlock() => new DenseBlock(Batch, Offset, _values.numel() / Batch, TorchMemory.View(_values));

    public override void AddTo(Tensor gradient, long start) => gradient.narrow(0, Offset - start, _values.numel()).add_(_values.flatten());
}
