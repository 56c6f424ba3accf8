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

    /// <summary>Elements from each left position and each left row to the next, as kernels take them.</summary>
    public long LeftSteps => Packed.Pair(checked((int)LeftPosition), checked((int)LeftRow));

    /// <summary>Elements from each right position and each right column to the next.</summary>
    public long RightSteps => Packed.Pair(checked((int)RightPosition), checked((int)RightColumn));

    /// <summary>Rows and columns.</summary>
    public long Size => Packed.Pair(Rows, Columns);

    /// <summary>Positions and the logarithm of a tile's columns.</summary>
    public long Shape => Packed.Pair(Positions, LogColumns);

    /// <summary>
    /// Logarithm of the columns of the tiles of 4,096 coordinates that kernels cut the block into: as few tiles as possible, and then
    /// as square as possible, because a square one reads least.
    /// </summary>
    public int LogColumns
    {
        get
        {
            FactoredBlock block = this;
            return Enumerable.Range(4, 5).OrderBy(log => block.TilesOf(log)).ThenBy(static log => Math.Abs(log - 6)).First();
        }
    }

    /// <summary>Tiles of the block.</summary>
    public long Tiles => TilesOf(LogColumns);

    /// <summary>Some of the examples.</summary>
    public FactoredBlock Part(int first, int count) => this with
    {
        Batch = count,
        Left = Left.Slice(first * LeftExample, Left.Length - (first * LeftExample)),
        Right = Right.Slice(first * RightExample, Right.Length - (first * RightExample)),
    };

    private long TilesOf(int logColumns) => (((long)(Columns - 1) >> logColumns) + 1) * (((long)(Rows - 1) >> (12 - logColumns)) + 1);
}
