using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TrakFast.Kernels;

/// <summary>Moves between a convolution's input and the matrix whose columns are the patches its kernel sees.</summary>
internal static unsafe class Unfold
{
    /// <summary>
    /// im2col: columns [UnfoldedRows, OutputSize] of one group of one example; taps in the padding are 0.
    /// </summary>
    /// <param name="geometry">The convolution.</param>
    /// <param name="group">The group whose input channels are unfolded.</param>
    /// <param name="input">The example's input [C, S…].</param>
    /// <param name="columns">Receives [C/groups · taps, P].</param>
    public static void Forward(ConvolutionGeometry geometry, int group, float* input, float* columns)
    {
        ConvolutionPlan plan = ConvolutionPlan.Of(geometry);
        Forward(plan, group, input, columns, plan.Positions);
    }

    /// <summary>The same, with <paramref name="step"/> elements between two rows of the columns.</summary>
    internal static void Forward(ConvolutionPlan plan, int group, float* input, float* columns, long step)
    {
        float* channel = input + ((long)group * plan.GroupChannels * plan.InputSize);
        for (int c = 0; c < plan.GroupChannels; c++, channel += plan.InputSize)
        {
            for (int tap = 0; tap < plan.Taps; tap++, columns += step) ForwardTap(plan, tap, channel, columns);
        }
    }

    /// <summary>col2im, its transpose: adds columns [UnfoldedRows, OutputSize] of one group back to the input's gradient.</summary>
    /// <param name="geometry">The convolution.</param>
    /// <param name="group">The group whose input channels are added to.</param>
    /// <param name="columns">[C/groups · taps, P].</param>
    /// <param name="inputGradient">The example's [C, S…], accumulated.</param>
    public static void Backward(ConvolutionGeometry geometry, int group, float* columns, float* inputGradient) =>
        Backward(ConvolutionPlan.Of(geometry), group, columns, inputGradient);

    /// <summary>The same for a plan made before.</summary>
    internal static void Backward(ConvolutionPlan plan, int group, float* columns, float* inputGradient)
    {
        float* channel = inputGradient + ((long)group * plan.GroupChannels * plan.InputSize);
        for (int c = 0; c < plan.GroupChannels; c++, channel += plan.InputSize)
        {
            for (int tap = 0; tap < plan.Taps; tap++, columns += plan.Positions) BackwardTap(plan, tap, columns, channel);
        }
    }

    /// <summary>One row of the columns: the input shifted by one tap. Runs over lines of the last axis.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ForwardTap(ConvolutionPlan plan, int tap, float* channel, float* row)
    {
        int width = plan.LineWidth, stride = plan.LineStride;
        (int start, int end, int shift) = plan.LineRange(tap);
        foreach (long offset in plan.LineOffsets(tap))
        {
            if (offset < 0)
            {
                new Span<float>(row, width).Clear();
                row += width;
                continue;
            }

            float* source = channel + offset + shift;
            for (int x = 0; x < start; x++) row[x] = 0;
            if (stride == 1) ShortCopy.Run(source + start, row + start, end - start);
            else for (int x = start; x < end; x++) row[x] = source[(long)x * stride];
            for (int x = end; x < width; x++) row[x] = 0;
            row += width;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void BackwardTap(ConvolutionPlan plan, int tap, float* row, float* channel)
    {
        int width = plan.LineWidth, stride = plan.LineStride;
        (int start, int end, int shift) = plan.LineRange(tap);
        foreach (long offset in plan.LineOffsets(tap))
        {
            if (offset >= 0)
            {
                float* target = channel + offset + shift;
                if (stride == 1) Add(row + start, target + start, end - start);
                else for (int x = start; x < end; x++) target[(long)x * stride] += row[x];
            }

            row += width;
        }
    }

    /// <summary>A short sum, likewise.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(float* source, float* target, int count)
    {
        int x = 0;
        for (; Simd.Vectors && x <= count - 8; x += 8) (Vector256.Load(target + x) + Vector256.Load(source + x)).Store(target + x);
        if (Simd.Vectors && x <= count - 4)
        {
            (Vector128.Load(target + x) + Vector128.Load(source + x)).Store(target + x);
            x += 4;
        }

        for (; x < count; x++) target[x] += source[x];
    }
}
