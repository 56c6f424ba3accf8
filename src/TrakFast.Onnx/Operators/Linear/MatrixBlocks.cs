using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>The block of a weight W in y = x·W: an outer product of the layer's input and its output's gradient.</summary>
internal static unsafe class MatrixBlocks
{
    /// <summary>Hands out the block of one use of a weight.</summary>
    /// <param name="context">The pass.</param>
    /// <param name="use">The parameter; where it is the transpose of what the node reads, the factors swap once more.</param>
    /// <param name="stored">Whether the node reads the weight as [outputs, inputs].</param>
    /// <param name="positions">Positions T.</param>
    /// <param name="inputs">Width of the layer's input.</param>
    /// <param name="outputs">Width of its output.</param>
    /// <param name="x">[B, T, inputs].</param>
    /// <param name="delta">[B, T, outputs].</param>
    public static void Emit(BackwardContext context, ParameterUse use, bool stored, int positions, int inputs, int outputs, float* x, float* delta)
    {
        long rows = (long)context.Batch * positions;
        MemoryView right = MemoryView.Of(x, rows * inputs), left = MemoryView.Of(delta, rows * outputs);
        context.Emit(stored != use.Transposed
            ? new OuterProductBlock(context.Batch, use.Offset, inputs, positions, outputs, inputs, left, right)
            : new OuterProductBlock(context.Batch, use.Offset, outputs, positions, inputs, outputs, right, left));
    }
}
