using ILGPU;

namespace TrakFast.Kernels;

/// <summary>
/// The gradients of a convolution's weight where groups are small, depthwise above all: w[b, o, c, tap] = Σ_position δ[b, o, position]·x[b,
/// channel, place]. A warp an element: lanes take positions in turn, 8 bytes for 2 operations and all coalesced, and are added up in a
/// fixed tree. A product of tiles would leave almost all of each tile empty. The reference is a thread an element, which reads uncoalesced.
/// </summary>
internal static class GroupedGradient
{
    /// <summary>A warp an element of the weight: eight of them (x) of an example (y).</summary>
    /// <param name="delta">float32 [B, O, P].</param>
    /// <param name="input">float32 [B, C, S].</param>
    /// <param name="places">int32 [taps, P].</param>
    /// <param name="gradients">float32 [B, O, C/groups, taps], overwritten.</param>
    /// <param name="groupRows">Outputs of a group.</param>
    /// <param name="groupChannels">Channels of a group.</param>
    /// <param name="outputs">O.</param>
    /// <param name="channels">C.</param>
    /// <param name="taps">Taps.</param>
    /// <param name="positions">P.</param>
    /// <param name="inputSize">S.</param>
    [KernelEntry("GroupedGradient", 256)]
    public static void Run(
        ArrayView<float> delta, ArrayView<float> input, ArrayView<int> places, ArrayView<float> gradients,
        int groupRows, int groupChannels, int outputs, int channels, int taps, int positions, int inputSize)
    {
        long width = (long)groupChannels * taps, i = ((long)Grid.IdxX * 8) + (Group.IdxX >> 5);
        int lane = Group.IdxX & 31;

        // Lanes of one warp have one element, so all of them leave or none.
        if (i >= outputs * width) return;
        float sum = Sum(delta, input, places, groupRows, groupChannels, outputs, channels, taps, positions, inputSize, i, lane, 32);
        sum += Warp.ShuffleXor(sum, 16);
        sum += Warp.ShuffleXor(sum, 8);
        sum += Warp.ShuffleXor(sum, 4);
        sum += Warp.ShuffleXor(sum, 2);
        sum += Warp.ShuffleXor(sum, 1);
        if (lane == 0) gradients[(Grid.IdxY * outputs * width) + i] = sum;
    }

    /// <summary>The definition, a thread an element: blocks of 256 (x) of an example (y).</summary>
    [KernelEntry("GroupedGradientReference", 256, Ships = false)]
    public static void Reference(
        ArrayView<float> delta, ArrayView<float> input, ArrayView<int> places, ArrayView<float> gradients,
        int groupRows, int groupChannels, int outputs, int channels, int taps, int positions, int inputSize)
    {
        long width = (long)groupChannels * taps, i = ((long)Grid.IdxX * 256) + Group.IdxX;
        if (i < outputs * width)
            gradients[(Grid.IdxY * outputs * width) + i] = Sum(
                delta, input, places, groupRows, groupChannels, outputs, channels, taps, positions, inputSize, i, 0, 1);
    }

    private static float Sum(
        ArrayView<float> delta, ArrayView<float> input, ArrayView<int> places,
        int groupRows, int groupChannels, int outputs, int channels, int taps, int positions,
        int inputSize, long element, int first, int step)
    {
        long width = (long)groupChannels * taps, output = element / width;
        int column = (int)(element - (output * width)), tap = column % taps;
        long channel = (output / groupRows * groupChannels) + (column / taps);
        ArrayView<float> left = delta.SubView(((Grid.IdxY * (long)outputs) + output) * positions),
            right = input.SubView(((Grid.IdxY * (long)channels) + channel) * inputSize);
        ArrayView<int> seen = places.SubView((long)tap * positions);
        float sum = 0;
        for (int p = first; p < positions; p += step)
        {
            int place = seen[p];
            if (place >= 0) sum += left[p] * right[place];
        }

        return sum;
    }
}
