using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TrakFast.Kernels;

/// <summary>
/// Tiles of a <see cref="ConvolutionBlock"/> in which every output sees one channel: gradients and input transposed
/// (<see cref="PatchRaster"/>) and multiplied lane by lane. A tile is some outputs with all their taps; values lie by tap and output.
/// </summary>
internal sealed unsafe class DepthwiseTiles(ConvolutionBlock block) : TileSource(
    block, block.Geometry.WeightSize, 1, block.Geometry.WeightSize, 1,
    (long)PatchRaster.Of(block.Geometry).Lanes * block.Geometry.KernelSize)
{
    private readonly ConvolutionBlock _block = block;
    private readonly ConvolutionGeometry _geometry = block.Geometry;
    private readonly PatchRaster _raster = PatchRaster.Of(block.Geometry);
    private readonly nint[] _places = Ascending(block.Geometry.OutputSize);
    private readonly int _taps = block.Geometry.KernelSize;

    /// <inheritdoc/>
    public override long PreparedLength => ((long)_raster.Size + _geometry.OutputSize) * _raster.Lanes;

    /// <inheritdoc/>
    public override CoordinateRuns Runs(in Tile tile) => base.Runs(tile) with { RunLength = tile.Columns / _taps, Taps = _taps };

    /// <inheritdoc/>
    public override void Prepare(long strip, bool first, long example, float* prepared)
    {
        float* delta = _block.Delta.Floats + (example * _geometry.OutputChannels * _geometry.OutputSize);
        float* input = _block.Input.Floats + (example * _geometry.InputChannels * _geometry.InputSize);
        int lane = (int)strip * _raster.Lanes, lanes = Math.Min(_raster.Lanes, _geometry.OutputChannels - lane);
        _raster.Turn(input, lane, lanes, _geometry.OutputChannels / _geometry.Groups, first, prepared);
        fixed (nint* places = _places)
            PatchRaster.Turn(delta, _geometry.OutputSize, lane, lanes, 1, places, _raster.Lanes, prepared + (_raster.Size * _raster.Lanes));
    }

    /// <inheritdoc/>
    public override void Fill(in Tile tile, long example, float* prepared, float* values)
    {
        int lanes = tile.Columns / _taps;
        float* delta = prepared + (_raster.Size * _raster.Lanes), sums = stackalloc float[8];
        fixed (nint* places = _raster.OutputPlaces, shifts = _raster.TapShifts)
        {
            for (int tap = 0; tap < _taps; tap++)
            {
                for (int lane = 0; lane < lanes; lane += 8)
                {
                    Sum(_geometry.OutputSize, _raster.Lanes, delta + lane, prepared + shifts[tap] + lane, places, sums);
                    for (int i = 0; i < Math.Min(8, lanes - lane); i++) values[(tap * lanes) + lane + i] = sums[i];
                }
            }
        }
    }

    /// <summary>Σ_p δ[p]·x[place of p] in eight lanes; four chains, so that additions need not wait for one another.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum(int positions, int lanes, float* delta, float* input, nint* places, float* sums)
    {
        Vector256<float> s0 = default, s1 = default, s2 = default, s3 = default;
        int p = 0;
        for (; p <= positions - 4; p += 4, places += 4)
        {
            s0 = Vector256.FusedMultiplyAdd(Vector256.Load(delta), Vector256.Load(input + places[0]), s0);
            s1 = Vector256.FusedMultiplyAdd(Vector256.Load(delta + lanes), Vector256.Load(input + places[1]), s1);
            s2 = Vector256.FusedMultiplyAdd(Vector256.Load(delta + (2 * lanes)), Vector256.Load(input + places[2]), s2);
            s3 = Vector256.FusedMultiplyAdd(Vector256.Load(delta + (3 * lanes)), Vector256.Load(input + places[3]), s3);
            delta += 4 * lanes;
        }

        for (; p < positions; p++, delta += lanes, places++)
            s0 = Vector256.FusedMultiplyAdd(Vector256.Load(delta), Vector256.Load(input + places[0]), s0);
        ((s0 + s1) + (s2 + s3)).Store(sums);
    }

    private static nint[] Ascending(int count)
    {
        nint[] places = new nint[count];
        for (int i = 0; i < count; i++) places[i] = i;
        return places;
    }
}
