using TrakFast.Kernels;
using TrakFast.TorchSharp.Engines;
using static TorchSharp.torch;

namespace TrakFast.TorchSharp;

/// <summary>Gradients of the rows of a table that examples touch.</summary>
internal sealed class RowsPart : GradientPart
{
    private readonly Tensor _ids;
    private readonly Tensor _values;
    private readonly int _width;

    /// <param name="offset">First coordinate.</param>
    /// <param name="ids">[B, …].</param>
    /// <param name="values">[B, …, D].</param>
    public RowsPart(long offset, Tensor ids, Tensor values)
        : base(checked((int)ids.shape[0]), offset)
    {
        (_ids, _values) = (ids.to_type(ScalarType.Int64).contiguous(), TorchMemory.Packed(values));
        _width = checked((int)values.shape[^1]);
    }

    public override GradientBlock ToBlock() =>
        new RowsBlock(Batch, Offset, _width, checked((int)(_ids.numel() / Batch)), TorchMemory.View(_ids), TorchMemory.View(_values));

    public override void AddTo(Tensor gradient, long start) =>
        gradient.narrow(0, Offset - start, gradient.numel() - Offset + start).view(-1, _width)
            .index_add_(0, _ids.flatten(), _values.reshape(-1, _width), 1);
}
