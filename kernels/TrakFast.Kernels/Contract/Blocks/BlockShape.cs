namespace TrakFast.Kernels;

/// <summary>
/// Checks of every backend at the public boundary: that a block's memory has the size its shape says, and what goes with it.
/// </summary>
public static class BlockShape
{
    /// <summary>Throws where a projection has no columns, or no entries in a row where it is sparse.</summary>
    public static void Check(in Projection projection)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(projection.Dimension, 1);
        if (ProjectionFamily.Of(projection.Kind).IsSparse) ArgumentOutOfRangeException.ThrowIfLessThan(projection.Sparsity, 1);
    }

    /// <summary>Throws where memory cannot be copied as it is.</summary>
    public static void CheckCopy(MemoryView source, MemoryView destination)
    {
        if (source.Length != destination.Length || source.Type != destination.Type)
            throw new ArgumentException(
                $"Cannot copy {source.Length} × {source.Type} to {destination.Length} × {destination.Type}: "
                + "lengths and types must be the same.");
    }

    /// <summary>Throws where a view of the block is too short, of another type or not in <paramref name="space"/>.</summary>
    public static void Check(GradientBlock block, MemorySpace space)
    {
        switch (block)
        {
            case OuterProductBlock outer:
                Check(block, space, "Left", outer.Left, ElementType.Float32, (long)outer.Batch * outer.Positions * outer.Rows);
                Check(block, space, "Right", outer.Right, ElementType.Float32, (long)outer.Batch * outer.Positions * outer.Columns);
                if (outer.RowStride < outer.Columns)
                    throw new ArgumentException(
                        $"The block's row stride {outer.RowStride} is less than its {outer.Columns} columns.", nameof(block));
                break;
            case ConvolutionBlock convolution:
                ConvolutionGeometry geometry = convolution.Geometry;
                Check(
                    block, space, "Delta", convolution.Delta, ElementType.Float32,
                    (long)block.Batch * geometry.OutputChannels * geometry.OutputSize);
                Check(
                    block, space, "Input", convolution.Input, ElementType.Float32,
                    (long)block.Batch * geometry.InputChannels * geometry.InputSize);
                break;
            case DenseBlock dense:
                Check(block, space, "Values", dense.Values, ElementType.Float32, block.Batch * dense.Length);
                break;
            case RowsBlock rows:
                Check(block, space, "Ids", rows.Ids, ElementType.Int64, (long)block.Batch * rows.Positions);
                Check(block, space, "Values", rows.Values, ElementType.Float32, (long)block.Batch * rows.Positions * rows.RowLength);
                break;
        }
    }

    private static void Check(GradientBlock block, MemorySpace space, string name, MemoryView view, ElementType type, long length)
    {
        if (view.Space != space || view.Type != type || view.Length != length)
        {
            throw new ArgumentException(
                $"{block.GetType().Name}.{name} holds {view.Length} × {view.Type} on {view.Space}; "
                + $"its shape asks for {length} × {type} on {space}.",
                nameof(block));
        }
    }
}
