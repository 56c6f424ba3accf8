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
        throw new NotSupportedException();

    /// <summary>col2im, its transpose: adds columns [UnfoldedRows, OutputSize] of one group back to the input's gradient.</summary>
    /// <param name="geometry">The convolution.</param>
    /// <param name="group">The group whose input channels are added to.</param>
    /// <param name="columns">[C/groups · taps, P].</param>
    /// <param name="inputGradient">The example's [C, S…], accumulated.</param>
    public static void Backward(ConvolutionGeometry geometry, int group, float* columns, float* inputGradient) =>
        throw new NotSupportedException();
}
