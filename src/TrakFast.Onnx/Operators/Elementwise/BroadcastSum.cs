using System.Runtime.InteropServices;
using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>
/// The other way of broadcasting: an example's gradient of a result, summed over the axes along which an operand was
/// repeated, in the result's order.
/// </summary>
internal static unsafe class BroadcastSum
{
    /// <summary>operand [examples, operandShape…] = Σ result [examples, resultShape…].</summary>
    public static void Run(
        Workers workers, long examples, ReadOnlySpan<long> resultShape, float* result, ReadOnlySpan<long> operandShape, float* operand)
    {
        List<long> sizes = [], strides = [];
        long operandLength = 1, resultLength = 1;
        int missing = resultShape.Length - operandShape.Length;
        long[] stride = new long[resultShape.Length];
        for (int axis = resultShape.Length - 1; axis >= 0; axis--)
        {
            long size = axis >= missing ? operandShape[axis - missing] : 1;
            stride[axis] = size == 1 ? 0 : operandLength;
            operandLength *= size;
            resultLength *= resultShape[axis];
        }

        for (int axis = 0; axis < resultShape.Length; axis++)
        {
            if (resultShape[axis] == 1) continue;
            if (sizes.Count > 0 && strides[^1] == stride[axis] * resultShape[axis])
            {
                sizes[^1] *= resultShape[axis];
                strides[^1] = stride[axis];
            }
            else
            {
                sizes.Add(resultShape[axis]);
                strides.Add(stride[axis]);
            }
        }

        if (sizes.Count == 0)
        {
            sizes.Add(1);
            strides.Add(1);
        }

        long[] outerSizes = [.. sizes.SkipLast(1)], outerStrides = [.. strides.SkipLast(1)];
        long inner = sizes[^1], innerStride = strides[^1], rows = resultLength / Math.Max(inner, 1);
        workers.Run(examples, Math.Max(Vectors.Grain / Math.Max(resultLength, 1), 1), (start, end) =>
        {
            for (long b = start; b < end; b++)
            {
                float* from = result + (b * resultLength), to = operand + (b * operandLength);
                NativeMemory.Clear(to, (nuint)operandLength * sizeof(float));
                for (long row = 0; row < rows; row++)
                {
                    long rest = row, place = 0;
                    for (int axis = outerSizes.Length - 1; axis >= 0; axis--)
                    {
                        (rest, long index) = Math.DivRem(rest, outerSizes[axis]);
                        place += index * outerStrides[axis];
                    }

                    if (innerStride == 0) to[place] += Vectors.Sum(from + (row * inner), inner);
                    else Vectors.Add(from + (row * inner), to + place, inner);
                }
            }
        });
    }
}
