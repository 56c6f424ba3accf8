using ILGPU;

namespace TrakFast.Kernels;

/// <summary>
/// patches[b, c, tap, position] = what the tap sees of channel c from the position: a convolution's gradient becomes an outer product
/// over positions. A thread an element, coalesced; 4 bytes written, and 8 read that mostly lie in caches.
/// </summary>
internal static class UnfoldPatches
{
    /// <summary>Blocks of 256 pairs of tap and position (x) of a channel of an example (y and z).</summary>
    [KernelEntry("UnfoldPatches", 256)]
    public static void Run(
        ArrayView<float> input, ArrayView<int> places, ArrayView<float> patches, int inputSize, long firstChannel, long channels)
    {
        long i = ((long)Grid.IdxX * 256) + Group.IdxX, channel = ((long)Grid.IdxZ * Grid.DimY) + Grid.IdxY;
        if (i >= places.Length || channel >= channels) return;
        int place = places[i];
        patches[(channel * places.Length) + i] = place < 0 ? 0 : input[((firstChannel + channel) * inputSize) + place];
    }
}
