namespace TrakFast.Kernels;

/// <summary>Moves between a convolution's input and the matrix whose columns are the patches its kernel sees.</summary>
public static unsafe class Unfold
{
    /// <summary>
    /// im2col: columns [UnfoldedRows, OutputSize] of one group of one example; taps in the padding are 0.
    /// </summary>
    /// <param name="geometry">The convolution.</param>
    /// <param name="group">The group whose input channels are unfolded.</param>
    /// <param name="input">The example's input [C, S…].</param>
    /// <param name="columns">Receives [C/groups · taps, P].</param>
    public static void Forward(ConvolutionGeometry geometry, int group, float* input, float* columns) =>
        Each(geometry, group, input, columns, static (place, column) => *column = place is null ? 0 : *place);

    /// <summary>col2im, its transpose: adds columns [UnfoldedRows, OutputSize] of one group back to the input's gradient.</summary>
    /// <param name="geometry">The convolution.</param>
    /// <param name="group">The group whose input channels are added to.</param>
    /// <param name="columns">[C/groups · taps, P].</param>
    /// <param name="inputGradient">The example's [C, S…], accumulated.</param>
    public static void Backward(ConvolutionGeometry geometry, int group, float* columns, float* inputGradient) =>
        Each(geometry, group, inputGradient, columns, static (place, column) =>
        {
            if (place is not null) *place += *column;
        });

    private delegate void Visit(float* place, float* column);

    private static void Each(ConvolutionGeometry geometry, int group, float* input, float* columns, Visit visit)
    {
        int axes = geometry.Kernel.Count, channels = geometry.InputChannels / geometry.Groups;
        float* first = input + ((long)group * channels * geometry.InputSize);
        for (int row = 0; row < geometry.UnfoldedRows; row++)
        {
            for (int output = 0; output < geometry.OutputSize; output++)
            {
                int place = 0, stride = 1, tap = row % geometry.KernelSize, rest = output;
                bool inside = true;
                for (int axis = axes - 1; axis >= 0; axis--)
                {
                    int at = (rest % geometry.Output[axis] * geometry.Strides[axis]) - geometry.PadsBegin[axis] + (tap % geometry.Kernel[axis] * geometry.Dilations[axis]);
                    inside &= at >= 0 && at < geometry.Input[axis];
                    place += at * stride;
                    stride *= geometry.Input[axis];
                    rest /= geometry.Output[axis];
                    tap /= geometry.Kernel[axis];
                }

                visit(inside ? first + ((long)(row / geometry.KernelSize) * geometry.InputSize) + place : null, columns + ((long)row * geometry.OutputSize) + output);
            }
        }
    }
}
