namespace TrakFast.Kernels;

/// <summary>
/// What a product of patches does along one axis: target position q of a grid lies at TargetStep · q + TargetOffset and sees,
/// through each tap, source position Step · q + shift; what lies outside the source is 0.
/// </summary>
/// <param name="Source">Size of the source.</param>
/// <param name="Target">Size of the target.</param>
/// <param name="Grid">Positions q.</param>
/// <param name="Step">Source elements from one position to the next.</param>
/// <param name="TargetStep">Target elements from one position to the next.</param>
/// <param name="TargetOffset">The first position's target element.</param>
/// <param name="Taps">Indices into the kernel.</param>
/// <param name="Shifts">What each tap adds to find its source element.</param>
internal sealed record PatchAxis(int Source, int Target, int Grid, int Step, int TargetStep, int TargetOffset, int[] Taps, int[] Shifts)
{
    /// <summary>The axis of a convolution that has none.</summary>
    public static PatchAxis None { get; } = new(1, 1, 1, 1, 1, 0, [0], [0]);

    /// <summary>The least shift.</summary>
    public int First => Shifts.Min();

    /// <summary>How much farther the farthest tap sees than the nearest.</summary>
    public int Reach => Shifts.Max() - First;

    /// <summary>Forward: output position q sees input positions stride · q + dilation · tap − pad.</summary>
    public static PatchAxis Forward(ConvolutionGeometry geometry, int axis)
    {
        int[] taps = [.. Enumerable.Range(0, geometry.Kernel[axis])];
        return new PatchAxis(
            geometry.Input[axis], geometry.Output[axis], geometry.Output[axis], geometry.Strides[axis], 1, 0,
            taps, [.. taps.Select(tap => (tap * geometry.Dilations[axis]) - geometry.PadsBegin[axis])]);
    }

    /// <summary>
    /// The input's gradient by phases of the input: input position i meets output position q where i + pad = stride · q +
    /// dilation · tap, so all i with the same remainder φ of i + pad see the same taps, each at a constant distance. Phases
    /// no tap or no position belongs to are left out.
    /// </summary>
    public static IEnumerable<PatchAxis> Backward(ConvolutionGeometry geometry, int axis)
    {
        int stride = geometry.Strides[axis],
            pad = geometry.PadsBegin[axis],
            dilation = geometry.Dilations[axis],
            size = geometry.Input[axis];
        for (int phase = 0; phase < stride; phase++)
        {
            // i = stride·u + phase − pad ≥ 0 for u ≥ first, and q = u − (dilation·tap − phase) / stride.
            int first = pad <= phase ? 0 : (pad - phase + stride - 1) / stride, offset = (stride * first) + phase - pad;
            int grid = offset >= size ? 0 : ((size - 1 - offset) / stride) + 1;
            int remainder = phase;
            int[] taps = [.. Enumerable.Range(0, geometry.Kernel[axis]).Where(tap => tap * dilation % stride == remainder)];
            if (grid == 0 || taps.Length == 0) continue;
            yield return new PatchAxis(
                geometry.Output[axis], size, grid, 1, stride, offset, taps,
                [.. taps.Select(tap => first - (((tap * dilation) - remainder) / stride))]);
        }
    }

    /// <summary>Whether another phase's positions see the same source elements.</summary>
    public bool SeesAs(PatchAxis other) => Grid == other.Grid && Shifts.AsSpan().SequenceEqual(other.Shifts);
}
