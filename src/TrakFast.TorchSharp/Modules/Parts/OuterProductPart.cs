using TrakFast.Kernels;
using TrakFast.TorchSharp.Engines;
using static TorchSharp.torch;

namespace TrakFast.TorchSharp;

/// <summary>A matrix's gradient as Σ_t left_t right_tᵀ.</summary>
internal sealed class OuterProductPart : GradientPart
{
    private readonly Tensor _left;
    private readonly Tensor _right;
    private readonly int _positions;
    private readonly int _rows;
    private readonly int _columns;

    /// <param name="offset">First coordinate.</param>
    /// <param name="left">[B, …, R].</param>
    /// <param name="right">[B, …, C].</param>
    public OuterProductPart(long offset, Tensor left, Tensor right)
        : base(checked((int)left.shape[0]), offset)
    {
        (_left, _right) = (TorchMemory.Packed(left), TorchMemory.Packed(right));
        (_rows, _columns) = (checked((int)left.shape[^1]), checked((int)right.shape[^1]));
        _positions = checked((int)(left.numel() / Batch / _rows));
    }

    public override GradientBlock ToBlock() =>
        new OuterProductBlock(Batch, Offset, _columns, _positions, _rows, _columns, TorchMemory.View(_left), TorchMemory.View(_right));

    public override void AddTo(Tensor gradient, long start)
    {
        Tensor sum = _left.reshape(_positions, _rows).t().mm(_right.reshape(_positions, _columns));
        gradient.narrow(0, Offset - start, sum.numel()).add_(sum.flatten());
    }
}
