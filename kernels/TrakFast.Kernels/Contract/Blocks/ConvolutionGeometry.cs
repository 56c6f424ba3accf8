namespace TrakFast.Kernels;

/// <summary>The shape of a convolution with any number of spatial axes. All lists have one entry a spatial axis.</summary>
/// <param name="Groups">Groups; they divide both channel counts.</param>
/// <param name="InputChannels">Channels C of the input.</param>
/// <param name="OutputChannels">Channels O of the output.</param>
/// <param name="Input">Spatial size of the input.</param>
/// <param name="Kernel">Size of the kernel.</param>
/// <param name="Strides">Steps between two output positions.</param>
/// <param name="Dilations">Steps between two kernel taps.</param>
/// <param name="PadsBegin">Zeros before the input.</param>
/// <param name="PadsEnd">Zeros behind the input.</param>
public sealed record ConvolutionGeometry(
    int Groups,
    int InputChannels,
    int OutputChannels,
    IReadOnlyList<int> Input,
    IReadOnlyList<int> Kernel,
    IReadOnlyList<int> Strides,
    IReadOnlyList<int> Dilations,
    IReadOnlyList<int> PadsBegin,
    IReadOnlyList<int> PadsEnd)
{
    /// <summary>Spatial size of the output: ⌊(S + pads − dilation·(kernel − 1) − 1) / stride⌋ + 1 on each axis.</summary>
    public IReadOnlyList<int> Output { get; } = Sizes(Input, Kernel, Strides, Dilations, PadsBegin, PadsEnd);

    /// <summary>Elements of an input channel.</summary>
    public int InputSize { get; } = Product(Input);

    /// <summary>Output positions P.</summary>
    public int OutputSize { get; } = Product(Sizes(Input, Kernel, Strides, Dilations, PadsBegin, PadsEnd));

    /// <summary>Taps of the kernel.</summary>
    public int KernelSize { get; } = Product(Kernel);

    /// <summary>Rows of one group's unfolded input: C/groups · taps, the width of a weight row.</summary>
    public int UnfoldedRows => InputChannels / Groups * KernelSize;

    /// <summary>Elements of the weight: O · C/groups · taps.</summary>
    public long WeightSize => (long)OutputChannels * UnfoldedRows;

    private static int[] Sizes(
        IReadOnlyList<int> input, IReadOnlyList<int> kernel, IReadOnlyList<int> strides, IReadOnlyList<int> dilations,
        IReadOnlyList<int> begin, IReadOnlyList<int> end) =>
        [.. Enumerable.Range(0, kernel.Count)
            .Select(axis => ((input[axis] + begin[axis] + end[axis] - (dilations[axis] * (kernel[axis] - 1)) - 1) / strides[axis]) + 1)];

    private static int Product(IReadOnlyList<int> sizes)
    {
        int product = 1;
        foreach (int size in sizes) product = checked(product * size);
        return product;
    }
}
