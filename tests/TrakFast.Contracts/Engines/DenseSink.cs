using TrakFast.Kernels;

namespace TrakFast.Testing;

/// <summary>Writes blocks out as a [B, p] matrix, in the plainest loops.</summary>
public sealed unsafe class DenseSink(int batch, long length) : IGradientSink
{
    public float[] Gradients { get; } = new float[batch * length];

    public List<GradientBlock> Blocks { get; } = [];

    public void Accept(GradientBlock block)
    {
        Blocks.Add(block);
        Assert.That(block.Batch, Is.EqualTo(batch));
        for (int b = 0; b < batch; b++)
        {
            Span<float> row = Gradients.AsSpan((int)(b * length), (int)length);
            switch (block)
            {
                case DenseBlock d:
                    for (long i = 0; i < d.Length; i++) row[(int)(d.Offset + i)] += d.Values.Floats[(b * d.Length) + i];
                    break;
                case OuterProductBlock o:
                    for (int r = 0; r < o.Rows; r++)
                    {
                        for (int c = 0; c < o.Columns; c++)
                        {
                            float sum = 0;
                            for (int t = 0; t < o.Positions; t++)
                            {
                                long position = ((long)b * o.Positions) + t;
                                sum += o.Left.Floats[(position * o.Rows) + r] * o.Right.Floats[(position * o.Columns) + c];
                            }

                            row[(int)(o.Offset + (r * o.RowStride) + c)] += sum;
                        }
                    }

                    break;
                case ConvolutionBlock v: Convolution(v, b, row); break;
                case RowsBlock w:
                    for (int t = 0; t < w.Positions; t++)
                    {
                        long position = ((long)b * w.Positions) + t;
                        for (int i = 0; i < w.RowLength; i++)
                            row[(int)(w.Offset + (Ids(w.Ids)[position] * w.RowLength) + i)] +=
                                w.Values.Floats[(position * w.RowLength) + i];
                    }

                    break;
                default: throw new NotSupportedException(block.GetType().Name);
            }
        }
    }

    private static long* Ids(MemoryView ids) => (long*)ids.Pointer;

    private static void Convolution(ConvolutionBlock block, int b, Span<float> row)
    {
        ConvolutionGeometry g = block.Geometry;
        int axes = g.Kernel.Count, inputs = g.InputChannels / g.Groups, outputs = g.OutputChannels / g.Groups;
        for (int o = 0; o < g.OutputChannels; o++)
        {
            for (int i = 0; i < g.UnfoldedRows; i++)
            {
                int channel = (o / outputs * inputs) + (i / g.KernelSize);
                float sum = 0;
                for (int p = 0; p < g.OutputSize; p++)
                {
                    int tap = i % g.KernelSize, rest = p, place = 0, stride = 1;
                    bool inside = true;
                    for (int axis = axes - 1; axis >= 0; axis--)
                    {
                        int at = (rest % g.Output[axis] * g.Strides[axis]) - g.PadsBegin[axis] + (tap % g.Kernel[axis] * g.Dilations[axis]);
                        inside &= at >= 0 && at < g.Input[axis];
                        place += at * stride;
                        stride *= g.Input[axis];
                        rest /= g.Output[axis];
                        tap /= g.Kernel[axis];
                    }

                    if (inside)
                        sum += block.Delta.Floats[((((long)b * g.OutputChannels) + o) * g.OutputSize) + p]
                            * block.Input.Floats[((((long)b * g.InputChannels) + channel) * g.InputSize) + place];
                }

                row[(int)(block.Offset + (o * g.UnfoldedRows) + i)] += sum;
            }
        }
    }
}
