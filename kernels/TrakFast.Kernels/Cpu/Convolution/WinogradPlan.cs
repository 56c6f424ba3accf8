namespace TrakFast.Kernels;

/// <summary>
/// A convolution over two axes, or the gradient of its input, with 4 × 4 outputs at a time from 6 × 6 inputs in a quarter
/// of the multiplications: Winograd's F(4×4, 3×3), as Lavin and Gray describe it («Fast Algorithms for Convolutional Neural
/// Networks», 2016). A kernel of 5 or 6 taps at stride 2 is one of 3 taps on each phase of the input. Everything here
/// depends on the geometry alone.
/// </summary>
internal sealed class WinogradPlan
{
    /// <summary>Outputs of a tile along an axis.</summary>
    public const int Tile = 4;

    /// <summary>Inputs of a tile along an axis, and numbers that stand for them.</summary>
    public const int Points = Tile + Taps - 1;

    private const int Taps = 3;

    /// <summary>Channels from which on the products outweigh the transforms.</summary>
    private const int FewestChannels = 24;

    /// <summary>How many times fewer multiplications it must take.</summary>
    private const double Gain = 1.7;

    /// <summary>Floats of transformed weights at most.</summary>
    private const long MostWeights = 1 << 25;

    private WinogradPlan(ConvolutionGeometry geometry, bool mirrored)
    {
        Mirrored = mirrored;
        Channels = geometry.InputChannels;
        (KernelHeight, KernelWidth) = (geometry.Kernel[0], geometry.Kernel[1]);
        PhasesDown = geometry.Strides[0];
        PhasesAcross = geometry.Strides[1];

        // Positions of each phase of the target are the grid that tiles cover.
        int padDown = geometry.PadsBegin[0], padAcross = geometry.PadsBegin[1], gridHeight, gridWidth;
        if (mirrored)
        {
            // Input i = stride·u + phase − pad gets Σ_m w[stride·m + phase]·δ[u − m], from the first u on.
            int down = padDown / PhasesDown, across = padAcross / PhasesAcross;
            SourceHeight = geometry.Output[0];
            SourceWidth = geometry.Output[1];
            (PadDown, PadAcross) = (Taps - 1 - down, Taps - 1 - across);
            TargetHeight = geometry.Input[0];
            TargetWidth = geometry.Input[1];
            (FirstDown, FirstAcross) = ((PhasesDown * down) - padDown, (PhasesAcross * across) - padAcross);
            gridHeight = ((TargetHeight - 1 + padDown) / PhasesDown) - down + 1;
            gridWidth = ((TargetWidth - 1 + padAcross) / PhasesAcross) - across + 1;
        }
        else
        {
            SourceHeight = geometry.Input[0];
            SourceWidth = geometry.Input[1];
            (PadDown, PadAcross) = (padDown, padAcross);
            (gridHeight, gridWidth) = (TargetHeight, TargetWidth) = (geometry.Output[0], geometry.Output[1]);
        }

        Inputs = mirrored ? geometry.OutputChannels : Channels * Phases;
        Outputs = mirrored ? Channels * Phases : geometry.OutputChannels;
        TilesAcross = (gridWidth + Tile - 1) / Tile;
        TilesDown = (gridHeight + Tile - 1) / Tile;
    }

    /// <summary>Whether this is the gradient of the input.</summary>
    public bool Mirrored { get; }

    /// <summary>Channels of the convolution's input.</summary>
    public int Channels { get; }

    /// <summary>Taps along the first axis.</summary>
    public int KernelHeight { get; }

    /// <summary>Taps along the last axis.</summary>
    public int KernelWidth { get; }

    /// <summary>Phases of the convolution's input along the first axis.</summary>
    public int PhasesDown { get; }

    /// <summary>Phases along the last axis.</summary>
    public int PhasesAcross { get; }

    /// <summary>Phases.</summary>
    public int Phases => PhasesDown * PhasesAcross;

    /// <summary>Depth of the products: source channels, of each phase where the source is the convolution's input.</summary>
    public int Inputs { get; }

    /// <summary>Rows of the products: target channels, of each phase where the target is the input's gradient.</summary>
    public int Outputs { get; }

    /// <summary>Size of the source.</summary>
    public int SourceHeight { get; }

    /// <summary>Size of the source.</summary>
    public int SourceWidth { get; }

    /// <summary>Zeros before the source; negative where some of it is not seen.</summary>
    public int PadDown { get; }

    /// <summary>Zeros before the source.</summary>
    public int PadAcross { get; }

    /// <summary>Size of the target.</summary>
    public int TargetHeight { get; }

    /// <summary>Size of the target.</summary>
    public int TargetWidth { get; }

    /// <summary>Where the first phase begins in the target; 0 or less.</summary>
    public int FirstDown { get; }

    /// <summary>Where the first phase begins in the target.</summary>
    public int FirstAcross { get; }

    /// <summary>Tiles along the last axis.</summary>
    public int TilesAcross { get; }

    /// <summary>Tiles along the first axis.</summary>
    public int TilesDown { get; }

    /// <summary>Tiles of an example.</summary>
    public int Tiles => TilesDown * TilesAcross;

    /// <summary>Source elements from one to the next that a phase sees.</summary>
    public int StepDown => Mirrored ? 1 : PhasesDown;

    /// <summary>Source elements from one to the next that a phase sees.</summary>
    public int StepAcross => Mirrored ? 1 : PhasesAcross;

    /// <summary>The plan, or null where it does not pay.</summary>
    public static WinogradPlan? Of(ConvolutionGeometry geometry, bool mirrored)
    {
        if (geometry.Kernel.Count != 2 || geometry.Groups != 1 || geometry.InputSize == 0 || geometry.OutputSize == 0) return null;
        if (Math.Min(geometry.InputChannels, geometry.OutputChannels) < FewestChannels) return null;
        for (int axis = 0; axis < 2; axis++)
        {
            int stride = geometry.Strides[axis];
            if (stride > 2 || geometry.Dilations[axis] != 1 || (geometry.Kernel[axis] + stride - 1) / stride != Taps) return null;
        }

        WinogradPlan plan = new(geometry, mirrored);
        double usual = (double)geometry.OutputSize * geometry.KernelSize, here = (double)plan.Tiles * Points * Points * plan.Phases;
        return usual < Gain * here || (long)plan.Inputs * plan.Outputs * Points * Points > MostWeights ? null : plan;
    }
}
