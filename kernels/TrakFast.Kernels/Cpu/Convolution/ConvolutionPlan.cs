namespace TrakFast.Kernels;

/// <summary>
/// The numbers of a convolution that its inner loops need, computed once: for every tap, where each line of the output
/// along the last axis begins in the input, and which part of the line lies inside it.
/// </summary>
internal sealed class ConvolutionPlan
{
    // Remembers a pure function of an immutable key, for as long as the key lives.
    private static readonly System.Runtime.CompilerServices.ConditionalWeakTable<ConvolutionGeometry, ConvolutionPlan> Plans = [];

    private const int FewChannels = 4;

    private readonly long[] _lineOffsets;
    private readonly (int Start, int End, int Shift)[] _ranges;
    private readonly int _lastKernel;

    private ConvolutionPlan(ConvolutionGeometry geometry)
    {
        int axes = geometry.Kernel.Count, last = axes - 1;
        Groups = geometry.Groups;
        GroupChannels = geometry.InputChannels / geometry.Groups;
        GroupRows = geometry.OutputChannels / geometry.Groups;
        InputChannels = geometry.InputChannels;
        OutputChannels = geometry.OutputChannels;
        InputSize = geometry.InputSize;
        Positions = geometry.OutputSize;
        Taps = geometry.KernelSize;
        UnfoldedRows = geometry.UnfoldedRows;
        IReadOnlyList<int> output = geometry.Output;
        LineWidth = axes == 0 ? 1 : output[last];
        LineStride = axes == 0 ? 1 : geometry.Strides[last];
        Lines = Positions / Math.Max(LineWidth, 1);
        _lastKernel = axes == 0 ? 1 : geometry.Kernel[last];

        _ranges = new (int, int, int)[_lastKernel];
        for (int k = 0; k < _lastKernel && axes > 0; k++)
        {
            // Output x reads input x·stride + shift; inside for 0 ≤ x·stride + shift < size.
            int shift = (k * geometry.Dilations[last]) - geometry.PadsBegin[last];
            int start = shift >= 0 ? 0 : (-shift + LineStride - 1) / LineStride;
            int inside = geometry.Input[last] - shift;
            int end = inside <= 0 ? 0 : (inside + LineStride - 1) / LineStride;
            start = Math.Min(start, LineWidth);
            _ranges[k] = (start, Math.Clamp(end, start, LineWidth), shift);
        }

        if (axes == 0) _ranges[0] = (0, 1, 0);
        int outerTaps = Taps / _lastKernel;
        _lineOffsets = new long[(long)outerTaps * Lines];
        for (int tap = 0; tap < outerTaps; tap++)
        {
            for (int line = 0; line < Lines; line++) _lineOffsets[((long)tap * Lines) + line] = Offset(geometry, output, tap, line);
        }

        InputRaster = ConvolutionRaster.OfInput(geometry);
        FewInputs = GroupChannels < FewChannels && GroupRows > FewChannels;

        ForwardProducts = [PatchProduct.Forward(geometry)];
        BackwardProducts = PatchProduct.Backward(geometry);
        ForwardDirect = ForwardProducts.All(DirectConvolution.Suits);
        BackwardDirect = BackwardProducts.All(DirectConvolution.Suits);
        ForwardWinograd = WinogradPlan.Of(geometry, mirrored: false);
        BackwardWinograd = WinogradPlan.Of(geometry, mirrored: true);
    }

    public int Groups { get; }

    public int GroupChannels { get; }

    public int GroupRows { get; }

    public int InputChannels { get; }

    public int OutputChannels { get; }

    public int InputSize { get; }

    /// <summary>Output positions P.</summary>
    public int Positions { get; }

    public int Taps { get; }

    /// <summary>Taps along the last axis.</summary>
    public int LastKernel => _lastKernel;

    public int UnfoldedRows { get; }

    public int Lines { get; }

    public int LineWidth { get; }

    public int LineStride { get; }

    /// <summary>
    /// Whether there are so few input channels that gradients on the raster would leave most of the kernel empty, which
    /// unfolded taps fill better.
    /// </summary>
    public bool FewInputs { get; }

    /// <summary>The convolution as a product.</summary>
    public PatchProduct[] ForwardProducts { get; }

    /// <summary>The gradient of the input as products.</summary>
    public PatchProduct[] BackwardProducts { get; }

    /// <summary>Whether the convolution is too small for matrix products.</summary>
    public bool ForwardDirect { get; }

    /// <summary>Whether the gradient of the input is.</summary>
    public bool BackwardDirect { get; }

    /// <summary>The convolution in fewer multiplications; null where that does not pay.</summary>
    public WinogradPlan? ForwardWinograd { get; }

    /// <summary>The gradient of the input likewise.</summary>
    public WinogradPlan? BackwardWinograd { get; }

    /// <summary>The input with its borders, where taps are shifts; null where patches are unfolded.</summary>
    public ConvolutionRaster? InputRaster { get; }

    /// <summary>The plan of a geometry; kept as long as the geometry object lives.</summary>
    public static ConvolutionPlan Of(ConvolutionGeometry geometry) => Plans.GetValue(geometry, static key => new ConvolutionPlan(key));

    /// <summary>Outputs of a line inside the input, and what to add to x · stride to find their input.</summary>
    public (int Start, int End, int Shift) LineRange(int tap) => _ranges[tap % _lastKernel];

    /// <summary>For each output line, where its input line begins in its channel, or −1 if it lies in the padding.</summary>
    public ReadOnlySpan<long> LineOffsets(int tap) => _lineOffsets.AsSpan(tap / _lastKernel * Lines, Lines);

    private static long Offset(ConvolutionGeometry geometry, IReadOnlyList<int> output, int tap, int line)
    {
        long offset = 0, step = geometry.Kernel.Count == 0 ? 1 : geometry.Input[^1];
        for (int axis = geometry.Kernel.Count - 2; axis >= 0; axis--)
        {
            int position = (line % output[axis] * geometry.Strides[axis])
                + (tap % geometry.Kernel[axis] * geometry.Dilations[axis]) - geometry.PadsBegin[axis];
            if (position < 0 || position >= geometry.Input[axis]) return -1;
            offset += position * step;
            step *= geometry.Input[axis];
            line /= output[axis];
            tap /= geometry.Kernel[axis];
        }

        return offset;
    }
}
