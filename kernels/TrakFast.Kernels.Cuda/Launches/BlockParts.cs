namespace TrakFast.Kernels;

/// <summary>Some of a block's examples.</summary>
internal static class BlockParts
{
    /// <summary>Examples [first, first + count) of a block.</summary>
    public static GradientBlock Of(GradientBlock block, int first, int count) => block switch
    {
        DenseBlock dense => dense with { Batch = count, Values = Part(dense.Values, block.Batch, first, count) },
        OuterProductBlock outer => outer with
        {
            Batch = count,
            Left = Part(outer.Left, block.Batch, first, count),
            Right = Part(outer.Right, block.Batch, first, count)
        },
        ConvolutionBlock convolution => convolution with
        {
            Batch = count,
            Delta = Part(convolution.Delta, block.Batch, first, count),
            Input = Part(convolution.Input, block.Batch, first, count)
        },
        RowsBlock rows => rows with
        {
            Batch = count,
            Ids = Part(rows.Ids, block.Batch, first, count),
            Values = Part(rows.Values, block.Batch, first, count)
        },
        _ => throw new NotSupportedException($"{block.GetType().Name} has no parts."),
    };

    /// <summary>The part of memory [B, …] that belongs to examples.</summary>
    private static MemoryView Part(MemoryView view, int batch, int first, int count) =>
        view.Slice(view.Length / batch * first, view.Length / batch * count);
}
