namespace TrakFast.Kernels;

/// <summary>
/// The per-example gradients of one use of one parameter, in the factored form in which the backward pass
/// finds them. A [B, p] gradient matrix never exists: a projector consumes blocks as they appear, and blocks that fall
/// on the same coordinates add.
/// </summary>
/// <param name="Batch">Number of examples B.</param>
/// <param name="Offset">Flat gradient coordinate of the block's first element.</param>
public abstract record GradientBlock(int Batch, long Offset)
{
    /// <summary>
    /// The parameter that the block lies in, from whoever knows the selection; only <see cref="ProjectionKind.Kronecker"/> asks.
    /// </summary>
    public ParameterMatrix Parameter { get; init; }
}

/// <summary>A parameter as a matrix: its first axis by all others, row-major. The default stands for a parameter that is none.</summary>
/// <param name="Offset">Flat gradient coordinate of its first element.</param>
/// <param name="Rows">Rows.</param>
/// <param name="Columns">Columns.</param>
public readonly record struct ParameterMatrix(long Offset, long Rows, long Columns);

/// <summary>
/// A linear layer's weight: coordinate <c>Offset + r·RowStride + c</c> of example b holds
/// <c>Σ_t Left[b,t,r]·Right[b,t,c]</c>. A weight stored transposed swaps the factors; a slice of a weight has its own
/// offset and row stride.
/// </summary>
/// <param name="Batch">Number of examples B.</param>
/// <param name="Offset">Flat coordinate of element (0, 0).</param>
/// <param name="RowStride">Coordinates between two rows; at least <paramref name="Columns"/>.</param>
/// <param name="Positions">Positions T summed over; 1 for an MLP.</param>
/// <param name="Rows">Rows R.</param>
/// <param name="Columns">Columns C.</param>
/// <param name="Left">float32 [B, T, R].</param>
/// <param name="Right">float32 [B, T, C].</param>
public sealed record OuterProductBlock(
    int Batch, long Offset, long RowStride, int Positions, int Rows, int Columns, MemoryView Left, MemoryView Right)
    : GradientBlock(Batch, Offset);

/// <summary>
/// A convolution's weight [O, C/groups, kernel…], row-major from <c>Offset</c>: an outer product over output positions
/// whose right factor is the input, unfolded on the fly.
/// </summary>
/// <param name="Batch">Number of examples B.</param>
/// <param name="Offset">Flat coordinate of the weight's first element.</param>
/// <param name="Geometry">Channels, groups, kernel, strides, pads and dilations.</param>
/// <param name="Delta">float32 [B, O, P…], the gradient of the layer's output.</param>
/// <param name="Input">float32 [B, C, S…], the layer's input.</param>
public sealed record ConvolutionBlock(
    int Batch, long Offset, ConvolutionGeometry Geometry, MemoryView Delta, MemoryView Input)
    : GradientBlock(Batch, Offset);

/// <summary>Gradients written out: biases, normalization scales, raw parameters.</summary>
/// <param name="Batch">Number of examples B.</param>
/// <param name="Offset">Flat coordinate of the first value.</param>
/// <param name="Length">Values an example has.</param>
/// <param name="Values">float32 [B, Length].</param>
public sealed record DenseBlock(int Batch, long Offset, long Length, MemoryView Values)
    : GradientBlock(Batch, Offset);

/// <summary>
/// An embedding table, of which each example touches T rows: coordinate <c>Offset + Ids[b,t]·RowLength + d</c> gains
/// <c>Values[b,t,d]</c>.
/// </summary>
/// <param name="Batch">Number of examples B.</param>
/// <param name="Offset">Flat coordinate of the table's first element.</param>
/// <param name="RowLength">Width D of a row.</param>
/// <param name="Positions">Rows T an example touches; an id may occur more than once.</param>
/// <param name="Ids">int64 [B, T], not negative.</param>
/// <param name="Values">float32 [B, T, D].</param>
public sealed record RowsBlock(
    int Batch, long Offset, int RowLength, int Positions, MemoryView Ids, MemoryView Values)
    : GradientBlock(Batch, Offset);
