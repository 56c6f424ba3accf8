namespace TrakFast.Kernels;

/// <summary>
/// An outer-product block as kernels read it: coordinate Offset + r·RowStride + c of example b holds
/// Σ_t Left[b·LeftExample + t·LeftPosition + r·LeftRow]·Right[b·RightExample + t·RightPosition + c·RightColumn]. A convolution
/// comes to this with its right factor unfolded and positions side by side.
/// </summary>
internal readonly record struct FactoredBlock(
    int Batch, long Offset, long RowStride, int Positions, int Rows, int Columns,
    MemoryView Left, long LeftExample, long LeftPosition, long LeftRow,
    MemoryView Right, long RightExample, long RightPosition, long RightColumn)
{
    /// <summary>A linear layer's block: [B, T, R] and [B, T, C].</summary>
    public static FactoredBlock Of(OuterProductBlock block) => new(
        block.Batch, block.Offset, block.RowStride, block.Positions, block.Rows, block.Columns,
        block.Left, (long)block.Positions * block.Rows, block.Rows, 1,
        block.Right, (long)block.Positions * block.Columns, block.Columns, 1);
}
