using ILGPU;

namespace TrakFast.Kernels;

/// <summary>
/// places[tap, position] = the element of an input channel that a tap sees from an output position, or −1 in the padding. Made
/// axis by axis, from the last to the first, so that any number of axes will do; 4 bytes for each tap and position of the
/// geometry, once for a block.
/// </summary>
internal static class PatchPlaces
{
    /// <summary>Adds one axis: a thread a pair of tap and position.</summary>
    /// <param name="places">int32 [taps, positions]; all 0 at first.</param>
    /// <param name="positions">Output positions.</param>
    /// <param name="innerTaps">Taps of the axes behind this one.</param>
    /// <param name="innerPositions">Output positions of the axes behind.</param>
    /// <param name="step">Input elements between two places on this axis.</param>
    /// <param name="input">Input places of this axis.</param>
    /// <param name="output">Output positions of this axis.</param>
    /// <param name="kernel">Taps of this axis.</param>
    /// <param name="stride">Input places between two positions.</param>
    /// <param name="dilation">Input places between two taps.</param>
    /// <param name="pad">Zeros before the input.</param>
    [KernelEntry("PatchPlaces", 256)]
    public static void Run(
        ArrayView<int> places, int positions, int innerTaps, int innerPositions, int step, int input, int output,
        int kernel, int stride, int dilation, int pad)
    {
        long i = ((long)Grid.IdxX * 256) + Group.IdxX;
        if (i >= places.Length) return;
        int tap = (int)(i / positions), position = (int)(i % positions), place = places[i];
        int x = (position / innerPositions % output * stride) + (tap / innerTaps % kernel * dilation) - pad;
        places[i] = place < 0 || x < 0 || x >= input ? -1 : place + (x * step);
    }
}
