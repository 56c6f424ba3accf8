namespace TrakFast.Kernels;

/// <summary>
/// The flat coordinates of a tile's elements: equally long runs of consecutive coordinates, equally far apart. Element i
/// has coordinate First + ⌊i / RunLength⌋ · RunStride + i mod RunLength.
/// </summary>
internal readonly record struct CoordinateRuns(long First, int RunLength, long RunStride)
{
    /// <summary>The Philox words of elements [start, start + count): four an element.</summary>
    public unsafe void Words(in Projection projection, int start, int count, uint columnBlock, uint stream, uint* target)
    {
        while (count > 0)
        {
            int run = start / RunLength, within = start - (run * RunLength), length = Math.Min(count, RunLength - within);
            Philox.Fill(projection.Seed, projection.ModelId, First + (run * RunStride) + within, length, columnBlock, stream, target);
            start += length;
            count -= length;
            target += 4L * length;
        }
    }
}
