using TrakFast.Kernels;

namespace TrakFast.Onnx.Programs;

/// <summary>
/// What compiling a step has worked out beside the shapes of its values: axes, strides, windows, tables. A step without facts
/// does what its node says.
/// </summary>
public abstract record StepFacts;

/// <summary>A matrix product (MatMul): of one example, a stack of [M, K] · [K, N].</summary>
/// <param name="M">Rows of a result.</param>
/// <param name="K">Terms of a sum.</param>
/// <param name="N">Columns of a result.</param>
/// <param name="Stacks">Products in the stack.</param>
/// <param name="OneRight">Whether the second operand is one matrix for all rows of the first.</param>
/// <param name="Result">The result's shape.</param>
public sealed record ProductFacts(long M, long K, long N, long Stacks, bool OneRight, IReadOnlyList<long> Result) : StepFacts;

/// <summary>A convolution or a transposed one; of the transposed, input and output of the geometry trade places.</summary>
/// <param name="Geometry">Sizes, strides, dilations and pads.</param>
public sealed record ConvolutionFacts(ConvolutionGeometry Geometry) : StepFacts;

/// <summary>A pool (MaxPool, AveragePool).</summary>
/// <param name="Geometry">The window as a convolution's sizes.</param>
/// <param name="Divisors">For each output the elements that a mean is over.</param>
public sealed record PoolingFacts(ConvolutionGeometry Geometry, IReadOnlyList<float> Divisors) : StepFacts;

/// <summary>Rows brought to mean 0 and variance 1, then scaled and shifted by parameters that repeat over an example.</summary>
/// <param name="Row">Elements of a row.</param>
/// <param name="Run">Elements in a row, one behind the other, that share a parameter.</param>
/// <param name="Centered">Whether the mean is taken out.</param>
/// <param name="Epsilon">What is added to a variance.</param>
public sealed record RowNormalizationFacts(long Row, long Run, bool Centered, float Epsilon) : StepFacts;

/// <summary>Rows of numbers along an axis (Softmax, LogSoftmax, Hardmax).</summary>
/// <param name="Along">Elements of a row.</param>
/// <param name="Inner">Elements from one of a row to the next.</param>
public sealed record AxisFacts(long Along, long Inner) : StepFacts;

/// <summary>Elements looked up along each axis (Slice, Split, Pad, Tile, Gather of known indices).</summary>
/// <param name="Picks">For each of the input's axes its index for each picked one, −1 for the filler; null for an axis left alone.</param>
/// <param name="Filler">What stands where nothing is picked.</param>
public sealed record PicksFacts(IReadOnlyList<IReadOnlyList<int>?> Picks, float Filler) : StepFacts;

/// <summary>Axes in another order.</summary>
/// <param name="Permutation">For each of the output's axes the input's.</param>
public sealed record TransposeFacts(IReadOnlyList<int> Permutation) : StepFacts;

/// <summary>An image's elements moved between channels and positions (DepthToSpace, SpaceToDepth).</summary>
/// <param name="Split">An image's sizes, taken apart.</param>
/// <param name="Permutation">Their new order.</param>
public sealed record RearrangementFacts(IReadOnlyList<long> Split, IReadOnlyList<int> Permutation) : StepFacts;

/// <summary>Slices along one axis by indices that come with the example (Gather).</summary>
/// <param name="Axis">The axis picked from.</param>
/// <param name="Lowest">The lowest index allowed; those below 0 count from the end.</param>
public sealed record RowsFacts(int Axis, long Lowest) : StepFacts;

/// <summary>Elements along one axis by indices that come with the example (GatherElements, ScatterElements).</summary>
/// <param name="Axis">The axis.</param>
/// <param name="Adds">Whether what is written is added to what is there.</param>
public sealed record ElementsFacts(int Axis, bool Adds) : StepFacts;

/// <summary>Slices by tuples of indices that come with the example (GatherND, ScatterND).</summary>
/// <param name="BatchAxes">Leading axes that data and indices share.</param>
/// <param name="Tuples">Tuples of an example.</param>
/// <param name="TuplesOfOne">Tuples for one place of the leading axes.</param>
/// <param name="ElementsOfOne">Elements of the data at one place of the leading axes.</param>
/// <param name="Slice">Elements of a slice.</param>
/// <param name="Sizes">Sizes of the axes that a tuple names.</param>
/// <param name="Lowest">The lowest index allowed along each of them; those below 0 count from the end.</param>
/// <param name="Strides">Elements from one place to the next along each of them.</param>
/// <param name="Adds">Whether what is written is added to what is there.</param>
public sealed record SlicesFacts(
    int BatchAxes, long Tuples, long TuplesOfOne, long ElementsOfOne, long Slice,
    IReadOnlyList<long> Sizes, IReadOnlyList<long> Lowest, IReadOnlyList<long> Strides, bool Adds) : StepFacts;

/// <summary>A reduction (ReduceSum, ReduceMax, …).</summary>
/// <param name="Reduced">For each axis whether it is reduced.</param>
public sealed record ReductionFacts(IReadOnlyList<bool> Reduced) : StepFacts;

/// <summary>A value resampled along some of its axes (Resize).</summary>
/// <param name="Axes">Each axis' map; null for an axis left alone.</param>
/// <param name="Filler">What an output without a term takes.</param>
public sealed record ResamplingFacts(IReadOnlyList<AxisSamples?> Axes, float Filler) : StepFacts;

/// <summary>
/// One axis resampled: output o is the sum of Weights[t] times element Sources[t] of the input, t from Starts[o] to
/// Starts[o + 1]. An output without a term lies outside and takes the filler.
/// </summary>
/// <param name="Input">Size before.</param>
/// <param name="Starts">Where each output's terms begin, and the end of the last.</param>
/// <param name="Sources">Each term's element.</param>
/// <param name="Weights">Each term's weight.</param>
public sealed record AxisSamples(int Input, IReadOnlyList<int> Starts, IReadOnlyList<int> Sources, IReadOnlyList<float> Weights)
{
    /// <summary>Size behind.</summary>
    public int Output => Starts.Count - 1;
}
