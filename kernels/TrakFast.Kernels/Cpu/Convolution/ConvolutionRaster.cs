namespace TrakFast.Kernels;

/// <summary>
/// A channel with its zero borders as one long line, in which every tap of a stride-1 kernel is a constant shift: output
/// position q sees input position q + shift(tap). No patch is ever copied; in exchange some positions at the ends of lines
/// belong to no output, and what is computed there is dropped. The border behind a line is the one before the next, so a
/// line costs one border, and the examples of a batch follow one another the same way.
/// </summary>
internal sealed class ConvolutionRaster
{
    /// <summary>How many times the outputs, or a vector or two, the raster may be long before patches are cheaper.</summary>
    private const double Waste = 2.5;

    private const int FewOutputs = 32;

    private ConvolutionRaster(int[] input, int[] output, int[] begin, int[] end, ConvolutionGeometry geometry)
    {
        int axes = input.Length, last = axes - 1;
        long[] pitches = new long[axes];
        int[] sizes = new int[axes];
        long pitch = 1;
        for (int axis = last; axis >= 0; axis--)
        {
            sizes[axis] = (int)Math.Max((long)input[axis] + Math.Max(begin[axis], end[axis]), output[axis]);
            pitches[axis] = pitch;
            pitch *= sizes[axis];
        }

        Pitch = sizes[last];
        Lines = (int)(pitch / Pitch);
        Left = begin[last];
        Width = input[last];
        OutputWidth = output[last];
        Sources = new int[Lines];
        Targets = new int[Lines];
        for (int line = 0; line < Lines; line++)
        {
            int rest = line, source = 0, target = 0, sourceStep = input[last], targetStep = output[last];
            for (int axis = last - 1; axis >= 0; axis--)
            {
                (rest, int at) = Math.DivRem(rest, sizes[axis]);
                int from = at - begin[axis];
                source = source < 0 || from < 0 || from >= input[axis] ? -1 : source + (from * sourceStep);
                target = target < 0 || at >= output[axis] ? -1 : target + (at * targetStep);
                sourceStep *= input[axis];
                targetStep *= output[axis];
            }

            Sources[line] = source;
            Targets[line] = target;
        }

        Shifts = new nint[geometry.KernelSize];
        for (int tap = 0; tap < Shifts.Length; tap++)
        {
            int rest = tap;
            for (int axis = last; axis >= 0; axis--)
            {
                (rest, int k) = Math.DivRem(rest, geometry.Kernel[axis]);
                int shift = k * geometry.Dilations[axis];
                Shifts[tap] += (nint)(shift * pitches[axis]);
            }

            Reach = Math.Max(Reach, Shifts[tap]);
        }

        Halo = (int)((OutputWidth - 1 + Reach) / Pitch);
    }

    /// <summary>Positions of a line.</summary>
    public int Pitch { get; }

    /// <summary>Lines of an example, borders included.</summary>
    public int Lines { get; }

    /// <summary>Zeros before the input in each line.</summary>
    public int Left { get; }

    /// <summary>Input elements of a line.</summary>
    public int Width { get; }

    /// <summary>Outputs of a line.</summary>
    public int OutputWidth { get; }

    /// <summary>The largest shift.</summary>
    public nint Reach { get; }

    /// <summary>Lines that the last line's outputs see below them.</summary>
    public int Halo { get; }

    /// <summary>Where each line begins in its input channel; −1 for a line of zeros.</summary>
    public int[] Sources { get; }

    /// <summary>Where each line begins in its output channel; −1 for a line without outputs.</summary>
    public int[] Targets { get; }

    /// <summary>How far ahead each tap sees.</summary>
    public nint[] Shifts { get; }

    /// <summary>The raster of the input; null where it does not pay or a stride forbids it.</summary>
    public static ConvolutionRaster? OfInput(ConvolutionGeometry geometry)
    {
        int axes = geometry.Kernel.Count;
        if (axes == 0 || geometry.OutputSize == 0 || geometry.InputSize == 0 || geometry.Strides.Any(static stride => stride != 1))
            return null;
        int[] begin = [.. geometry.PadsBegin], end = [.. geometry.PadsEnd], input = [.. geometry.Input], output = [.. geometry.Output];
        double length = 1, outputs = 1;
        for (int axis = 0; axis < axes; axis++)
        {
            length *= Math.Max((long)input[axis] + Math.Max(begin[axis], end[axis]), output[axis]);
            outputs *= output[axis];
        }

        return length > Waste * Math.Max(outputs, FewOutputs) || length > int.MaxValue / 2
            ? null
            : new ConvolutionRaster(input, output, begin, end, geometry);
    }
}
