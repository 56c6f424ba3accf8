namespace TrakFast.Kernels;

/// <summary>
/// The definition of every gradient block, in the plainest loops: writes the gradients out as a matrix [B, p], which the
/// kernels never do. For tests and for small models.
/// </summary>
internal static unsafe class GradientMatrix
{
    /// <summary>gradients[b, c] += coordinate c of example b of the block. Sums inside a coordinate are carried in float64.</summary>
    /// <param name="block">Gradients in host memory.</param>
    /// <param name="parameters">Gradient dimension p.</param>
    /// <param name="gradients">float64 [B, p], accumulated.</param>
    public static void Add(GradientBlock block, long parameters, double* gradients)
    {
        for (int b = 0; b < block.Batch; b++)
        {
            double* gradient = gradients + (b * parameters) + block.Offset;
            switch (block)
            {
                case OuterProductBlock outer: Add(outer, b, gradient); break;
                case ConvolutionBlock convolution: Add(convolution, b, gradient); break;
                case DenseBlock dense:
                    for (long i = 0; i < dense.Length; i++) gradient[i] += dense.Values.Floats[(b * dense.Length) + i];
                    break;
                case RowsBlock rows: Add(rows, b, gradient); break;
                default: throw new NotSupportedException($"{block.GetType().Name} has no matrix.");
            }
        }
    }

    private static void Add(OuterProductBlock block, long b, double* gradient)
    {
        for (long t = b * block.Positions; t < (b + 1) * block.Positions; t++)
        {
            for (int r = 0; r < block.Rows; r++)
            {
                for (int c = 0; c < block.Columns; c++)
                    gradient[(r * block.RowStride) + c] +=
                        (double)block.Left.Floats[(t * block.Rows) + r] * block.Right.Floats[(t * block.Columns) + c];
            }
        }
    }

    private static void Add(RowsBlock block, long b, double* gradient)
    {
        for (long t = b * block.Positions; t < (b + 1) * block.Positions; t++)
        {
            for (int d = 0; d < block.RowLength; d++)
                gradient[(block.Ids.Longs[t] * block.RowLength) + d] += block.Values.Floats[(t * block.RowLength) + d];
        }
    }

    private static void Add(ConvolutionBlock block, long b, double* gradient)
    {
        ConvolutionGeometry g = block.Geometry;
        int groupChannels = g.InputChannels / g.Groups, groupRows = g.OutputChannels / g.Groups;
        for (int o = 0; o < g.OutputChannels; o++)
        {
            float* delta = block.Delta.Floats + (((b * g.OutputChannels) + o) * g.OutputSize);
            for (int c = 0; c < groupChannels; c++)
            {
                float* input = block.Input.Floats + (((b * g.InputChannels) + (o / groupRows * groupChannels) + c) * g.InputSize);
                for (int tap = 0; tap < g.KernelSize; tap++)
                {
                    double sum = 0;
                    for (int position = 0; position < g.OutputSize; position++)
                    {
                        long at = InputPosition(g, position, tap);
                        if (at >= 0) sum += (double)delta[position] * input[at];
                    }

                    gradient[((((long)o * groupChannels) + c) * g.KernelSize) + tap] += sum;
                }
            }
        }
    }

    /// <summary>The element of an input channel that a tap sees from an output position, or −1 in the padding.</summary>
    internal static long InputPosition(ConvolutionGeometry g, int position, int tap)
    {
        long at = 0, step = 1;
        for (int axis = g.Kernel.Count - 1; axis >= 0; axis--)
        {
            int x = (position % g.Output[axis] * g.Strides[axis]) + (tap % g.Kernel[axis] * g.Dilations[axis]) - g.PadsBegin[axis];
            if (x < 0 || x >= g.Input[axis]) return -1;
            at += x * step;
            step *= g.Input[axis];
            position /= g.Output[axis];
            tap /= g.Kernel[axis];
        }

        return at;
    }
}
