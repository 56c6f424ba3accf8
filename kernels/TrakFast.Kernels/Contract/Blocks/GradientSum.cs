namespace TrakFast.Kernels;

/// <summary>The gradient summed over the batch, which is what training wants of the same blocks.</summary>
public static unsafe class GradientSum
{
    /// <summary>gradient[c] += Σ_b of the block's coordinate c. The same bits for any number of threads.</summary>
    /// <param name="workers">Threads to use.</param>
    /// <param name="block">Gradients [B, …] in host memory.</param>
    /// <param name="gradient">float32 [p], flat.</param>
    public static void Add(Workers workers, GradientBlock block, float* gradient)
    {
        float* target = gradient + block.Offset;
        switch (block)
        {
            case OuterProductBlock outer:
                Sgemm.Multiply(
                    workers, true, false, outer.Rows, outer.Columns, (long)outer.Batch * outer.Positions,
                    outer.Left.Floats, outer.Rows, outer.Right.Floats, outer.Columns, target, outer.RowStride, true);
                break;
            case ConvolutionBlock convolution:
                ConvolutionKernels.WeightGradientSum(
                    workers, convolution.Geometry, convolution.Batch, convolution.Input.Floats, convolution.Delta.Floats, target);
                break;
            case DenseBlock dense:
                float* values = dense.Values.Floats;
                workers.Run(dense.Length, 1 << 14, (start, end) =>
                {
                    for (int b = 0; b < dense.Batch; b++) VectorAdd.Add(values + (b * dense.Length) + start, target + start, end - start);
                });
                break;
            case RowsBlock rows:
                for (long row = 0; row < (long)rows.Batch * rows.Positions; row++)
                    VectorAdd.Add(
                        rows.Values.Floats + (row * rows.RowLength), target + (rows.Ids.Longs[row] * rows.RowLength), rows.RowLength);
                break;
            default:
                throw new NotSupportedException($"{block.GetType().Name} has no sum.");
        }
    }
}
