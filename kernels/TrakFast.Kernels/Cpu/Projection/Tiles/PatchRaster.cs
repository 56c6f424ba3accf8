using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TrakFast.Kernels;

/// <summary>
/// A convolution's input transposed: channels side by side at each position, positions on a raster that holds the padding. What a
/// tap sees of some channels is then one short row, found by adding the tap's shift to the output's place, whatever strides and
/// dilations are. Places and shifts are in positions; a position is as many floats apart from the next as there are lanes.
/// </summary>
internal sealed unsafe class PatchRaster
{
    // Remembers a pure function of an immutable key, for as long as the key lives.
    private static readonly ConditionalWeakTable<ConvolutionGeometry, PatchRaster> Rasters = [];

    /// <summary>Channels that lie side by side at most.</summary>
    private const int MostLanes = 32;

    private readonly nint[] _inputs;
    private readonly bool _padded;

    private PatchRaster(ConvolutionGeometry geometry)
    {
        int axes = geometry.Kernel.Count;
        int channels = geometry.InputChannels / geometry.Groups;
        Depthwise = channels == 1 && geometry.OutputChannels / geometry.Groups < Vector256<float>.Count;
        Lanes = Depthwise ? MostLanes : channels < Vector256<float>.Count ? channels : Math.Min(MostLanes, (channels + 7) / 8 * 8);
        nint[] pitches = new nint[axes];
        nint size = 1;
        for (int axis = axes - 1; axis >= 0; axis--)
        {
            pitches[axis] = size;
            size *= geometry.Input[axis] + geometry.PadsBegin[axis] + geometry.PadsEnd[axis];
        }

        Size = size;
        int[] ones = [.. Enumerable.Repeat(1, axes)];
        _inputs = Table(geometry.Input, ones, pitches, 1);
        for (int axis = 0; axis < axes; axis++)
        {
            for (int i = 0; i < _inputs.Length; i++) _inputs[i] += geometry.PadsBegin[axis] * pitches[axis];
        }

        OutputPlaces = Table(geometry.Output, geometry.Strides, pitches, Lanes);
        TapShifts = Table(geometry.Kernel, geometry.Dilations, pitches, Lanes);
        _padded = size != geometry.InputSize;
    }

    /// <summary>Whether every output channel sees one input channel, of which few outputs are made.</summary>
    public bool Depthwise { get; }

    /// <summary>Channels that lie side by side: whole vectors, or the few that there are.</summary>
    public int Lanes { get; }

    /// <summary>Positions of the raster.</summary>
    public nint Size { get; }

    /// <summary>Where each output position's window begins, in floats; pinned.</summary>
    public nint[] OutputPlaces { get; }

    /// <summary>How far each tap is from the window's begin, in floats; pinned.</summary>
    public nint[] TapShifts { get; }

    /// <summary>The raster of a convolution.</summary>
    public static PatchRaster Of(ConvolutionGeometry geometry) => Rasters.GetValue(geometry, static g => new PatchRaster(g));

    /// <summary>Turns some channels over onto the raster.</summary>
    /// <param name="input">An example's channels, [C, S…].</param>
    /// <param name="first">The first lane's channel, counted in outputs of a depthwise convolution.</param>
    /// <param name="channels">Channels, at most <see cref="Lanes"/>.</param>
    /// <param name="repeats">Lanes that see the same channel.</param>
    /// <param name="clear">Whether the target's padding must be cleared.</param>
    /// <param name="target">Receives [Size, Lanes].</param>
    public void Turn(float* input, long first, int channels, int repeats, bool clear, float* target)
    {
        if (clear && _padded) new Span<float>(target, checked((int)(Size * Lanes))).Clear();
        fixed (nint* places = _inputs) Turn(input, _inputs.Length, first, channels, repeats, places, Lanes, target);
    }

    /// <summary>target[place of i · lanes + c] = channels[(first + c) / repeats][i].</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Turn(float* source, int positions, long first, int channels, int repeats, nint* places, int lanes, float* target)
    {
        int whole = Simd.Avx256 && positions >= 8 && lanes % 8 == 0 ? positions : 0;
        for (int c = 0; c < channels && whole > 0; c += 8)
        {
            // Lanes behind the last channel repeat it; nobody reads them.
            float* r0 = Row(c), r1 = Row(c + 1), r2 = Row(c + 2), r3 = Row(c + 3), r4 = Row(c + 4),
                r5 = Row(c + 5), r6 = Row(c + 6), r7 = Row(c + 7);
            for (int step = 0; step < whole; step += 8)
            {
                // The last block overlaps the one before it.
                int i = Math.Min(step, whole - 8);
                Vector256<float> v0 = Vector256.Load(r0 + i),
                    v1 = Vector256.Load(r1 + i),
                    v2 = Vector256.Load(r2 + i),
                    v3 = Vector256.Load(r3 + i);
                Vector256<float> v4 = Vector256.Load(r4 + i),
                    v5 = Vector256.Load(r5 + i),
                    v6 = Vector256.Load(r6 + i),
                    v7 = Vector256.Load(r7 + i);
                Transpose8.Run(ref v0, ref v1, ref v2, ref v3, ref v4, ref v5, ref v6, ref v7);
                nint* at = places + i;
                float* to = target + c;
                v0.Store(to + (at[0] * lanes));
                v1.Store(to + (at[1] * lanes));
                v2.Store(to + (at[2] * lanes));
                v3.Store(to + (at[3] * lanes));
                v4.Store(to + (at[4] * lanes));
                v5.Store(to + (at[5] * lanes));
                v6.Store(to + (at[6] * lanes));
                v7.Store(to + (at[7] * lanes));
            }
        }

        for (int c = 0; c < channels && whole == 0; c++)
        {
            float* row = Row(c);
            for (int i = 0; i < positions; i++) target[(places[i] * lanes) + c] = row[i];
        }

        float* Row(int lane) => source + ((first + Math.Min(lane, channels - 1)) / repeats * positions);
    }

    /// <summary>The places of all points of a grid.</summary>
    private static nint[] Table(IReadOnlyList<int> sizes, IReadOnlyList<int> steps, nint[] pitches, int scale)
    {
        int count = sizes.Aggregate(1, static (product, size) => checked(product * size));
        nint[] table = GC.AllocateUninitializedArray<nint>(count, pinned: true);
        for (int i = 0; i < count; i++)
        {
            nint place = 0;
            for (int axis = sizes.Count - 1, rest = i; axis >= 0; axis--)
            {
                (rest, int at) = Math.DivRem(rest, sizes[axis]);
                place += at * steps[axis] * pitches[axis];
            }

            table[i] = place * scale;
        }

        return table;
    }
}
