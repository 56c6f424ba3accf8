using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>The block of a weight W in y = x·W: an outer product of the layer's input and its output's gradient.</summary>
internal static unsafe class MatrixBlocks
{
    /// <summary>Hands out the block of one use of a weight; false where the weight's elements lie so that no block can say it.</summary>
    /// <param name="context">The pass.</param>
    /// <param name="offset">Coordinate of W's first element.</param>
    /// <param name="inputStride">Coordinates between two rows of W, [inputs, outputs].</param>
    /// <param name="outputStride">Coordinates between two columns.</param>
    /// <param name="positions">Positions T.</param>
    /// <param name="inputs">Width of the layer's input.</param>
    /// <param name="outputs">Width of its output.</param>
    /// <param name="x">[B, T, inputs].</param>
    /// <param name="delta">[B, T, outputs].</param>
    public static bool TryEmit(
        BackwardContext context, long offset, long inputStride, long outputStride, long positions, long inputs,
        long outputs, float* x, float* delta)
    {
        long rows = context.Batch * positions;
        MemoryView factorX = MemoryView.Of(x, rows * inputs), factorDelta = MemoryView.Of(delta, rows * outputs);
        (int t, int i, int o) = (checked((int)positions), checked((int)inputs), checked((int)outputs));
        if ((outputStride == 1 || outputs == 1) && (inputStride >= outputs || inputs == 1))
        {
            context.Emit(new OuterProductBlock(context.Batch, offset, Math.Max(inputStride, outputs), t, i, o, factorX, factorDelta));
            return true;
        }

        if ((inputStride == 1 || inputs == 1) && (outputStride >= inputs || outputs == 1))
        {
            context.Emit(new OuterProductBlock(context.Batch, offset, Math.Max(outputStride, inputs), t, o, i, factorDelta, factorX));
            return true;
        }

        return false;
    }
}
