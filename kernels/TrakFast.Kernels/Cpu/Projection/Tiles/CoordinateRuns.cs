namespace TrakFast.Kernels;

/// <summary>
/// The flat coordinates of a tile's elements: equally long runs, equally far apart. A convolution's tile lies by row, tap and
/// channel, its parameter by row, channel and tap, so the elements of a run are <paramref name="Taps"/> coordinates apart and the
/// taps' runs interleave. Element i, in run r = ⌊i / RunLength⌋, has coordinate
/// First + ⌊r / Taps⌋ · RunStride + r mod Taps + (i mod RunLength) · Taps.
/// </summary>
/// <param name="First">Coordinate of element 0.</param>
/// <param name="RunLength">Elements of a run.</param>
/// <param name="RunStride">Coordinates between two runs, or between two groups of interleaved ones.</param>
/// <param name="Taps">Runs that interleave; 1 where the elements of a run are neighbors.</param>
internal readonly record struct CoordinateRuns(long First, int RunLength, long RunStride, int Taps = 1)
{
    /// <summary>The coordinate of a run's first element.</summary>
    public long Start(int run) => First + (run / Taps * RunStride) + (run % Taps);

    /// <summary>The Philox words of elements [start, start + count): four an element.</summary>
    public unsafe void Words(in Projection projection, int start, int count, uint columnBlock, uint stream, uint* target)
    {
        while (count > 0)
        {
            int run = start / RunLength, within = start - (run * RunLength), length = Math.Min(count, RunLength - within);
            Philox.Fill(projection.Seed, projection.ModelId, Start(run) + ((long)within * Taps), Taps, length, columnBlock, stream, target);
            start += length;
            count -= length;
            target += 4L * length;
        }
    }

    /// <summary>SJLT's first hash of elements [start, start + count).</summary>
    public unsafe void Hashes(in Projection projection, int start, int count, int* target)
    {
        while (count > 0)
        {
            int run = start / RunLength, within = start - (run * RunLength), length = Math.Min(count, RunLength - within);
            Philox.Hashes(
                projection.Seed, projection.ModelId, Start(run) + ((long)within * Taps), Taps, length, 0,
                RandomEntries.SjltStream, (uint)projection.Dimension, target);
            start += length;
            count -= length;
            target += length;
        }
    }
}
