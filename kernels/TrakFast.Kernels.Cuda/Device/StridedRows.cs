namespace TrakFast.Kernels;

/// <summary>
/// Rows of numbers in device memory: element i of row b·Positions + t is Values[b·ExampleStride + t·PositionStride + i·ElementStride].
/// Written-out gradients are rows of one position; a factor of a block has a row for each position.
/// </summary>
/// <param name="Values">float32, where the rows lie.</param>
/// <param name="Examples">Examples.</param>
/// <param name="Positions">Rows of an example.</param>
/// <param name="Length">Elements of a row.</param>
/// <param name="ExampleStride">Elements between two examples.</param>
/// <param name="PositionStride">Elements between two positions.</param>
/// <param name="ElementStride">Elements between two elements of a row.</param>
internal readonly record struct StridedRows(
    MemoryView Values, int Examples, int Positions, long Length, long ExampleStride, long PositionStride, long ElementStride)
{
    /// <summary>A dense block's gradients, a row for each example.</summary>
    public static StridedRows Of(DenseBlock block) => new(block.Values, block.Batch, 1, block.Length, block.Length, 0, 1);

    /// <summary>The left factors of a block, a row for each example and position.</summary>
    public static StridedRows LeftOf(in FactoredBlock block) =>
        new(block.Left, block.Batch, block.Positions, block.Rows, block.LeftExample, block.LeftPosition, block.LeftRow);

    /// <summary>The right factors of a block, a row for each example and position.</summary>
    public static StridedRows RightOf(in FactoredBlock block) =>
        new(block.Right, block.Batch, block.Positions, block.Columns, block.RightExample, block.RightPosition, block.RightColumn);
}
