using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace TrakFast.Kernels;

/// <summary>
/// Keeps the highest and the lowest scores of every target, and nothing else: O(m·r) memory however many rows come. Equal
/// scores rank by the lower train index, so the result does not depend on the order in which rows come.
/// </summary>
public sealed class TopSink : ScoreSink
{
    private readonly TrainScore[] _highest;
    private readonly TrainScore[] _lowest;
    private readonly int[] _highCounts;
    private readonly int[] _lowCounts;

    /// <summary>What a score must reach to be kept: that of the last one kept, or infinity's far side until r are.</summary>
    private readonly float[] _highBars;
    private readonly float[] _lowBars;

    /// <summary>Creates a sink.</summary>
    /// <param name="targets">Number of targets m.</param>
    /// <param name="count">Scores r ≥ 1 to keep at either end.</param>
    public TopSink(int targets, int count)
        : base(targets)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        Count = count;
        _highest = new TrainScore[checked(targets * count)];
        _lowest = new TrainScore[targets * count];
        _highCounts = new int[targets];
        _lowCounts = new int[targets];
        _highBars = new float[targets];
        _lowBars = new float[targets];
        Array.Fill(_highBars, float.NegativeInfinity);
        Array.Fill(_lowBars, float.PositiveInfinity);
    }

    /// <summary>Scores r kept at either end.</summary>
    public int Count { get; }

    /// <summary>The highest scores of a target, best first; fewer than r if fewer rows came.</summary>
    public ReadOnlySpan<TrainScore> Highest(int target) => _highest.AsSpan(target * Count, _highCounts[target]);

    /// <summary>The lowest scores of a target, lowest first; fewer than r if fewer rows came.</summary>
    public ReadOnlySpan<TrainScore> Lowest(int target) => _lowest.AsSpan(target * Count, _lowCounts[target]);

    /// <summary>Takes a tile of scores.</summary>
    /// <param name="firstRow">Train index of the tile's first row.</param>
    /// <param name="tile">[rows, m], row-major, no NaN.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Accept(long firstRow, ReadOnlySpan<float> tile)
    {
        Debug.Assert(tile.Length % Math.Max(1, Targets) == 0);
        int width = Vector256<float>.Count;
        ref float highBars = ref MemoryMarshal.GetArrayDataReference(_highBars), lowBars = ref MemoryMarshal.GetArrayDataReference(_lowBars);
        for (long row = firstRow; tile.Length > 0; row++, tile = tile[Targets..])
        {
            ref float scores = ref MemoryMarshal.GetReference(tile);
            int j = 0;
            for (; j <= Targets - width; j += width)
            {
                // Nearly all scores fall between the bars once some rows are in.
                Vector256<float> score = Vector256.LoadUnsafe(ref scores, (nuint)j);
                Vector256<float> kept = Vector256.GreaterThanOrEqual(score, Vector256.LoadUnsafe(ref highBars, (nuint)j))
                    | Vector256.LessThanOrEqual(score, Vector256.LoadUnsafe(ref lowBars, (nuint)j));
                for (uint mask = kept.ExtractMostSignificantBits(); mask != 0; mask &= mask - 1)
                {
                    int target = j + System.Numerics.BitOperations.TrailingZeroCount(mask);
                    Offer(target, new TrainScore(row, tile[target]));
                }
            }

            for (; j < Targets; j++) Offer(j, new TrainScore(row, tile[j]));
        }
    }

    /// <summary>Takes one score of one target.</summary>
    public void Offer(int target, TrainScore example)
    {
        Debug.Assert(!float.IsNaN(example.Score), "A score is not a number.");
        Insert(_highest.AsSpan(target * Count, Count), ref _highCounts[target], ref _highBars[target], example, 1);
        Insert(_lowest.AsSpan(target * Count, Count), ref _lowCounts[target], ref _lowBars[target], example, -1);
    }

    private static void Insert(Span<TrainScore> kept, ref int count, ref float bar, TrainScore example, int sign)
    {
        if (count == kept.Length && !Precedes(example, kept[^1], sign)) return;
        int at = 0, end = count;
        while (at < end)
        {
            int middle = (at + end) / 2;
            if (Precedes(example, kept[middle], sign)) end = middle;
            else at = middle + 1;
        }

        if (count < kept.Length) count++;
        kept[at..(count - 1)].CopyTo(kept[(at + 1)..]);
        kept[at] = example;
        if (count == kept.Length) bar = kept[^1].Score;
    }

    private static bool Precedes(TrainScore a, TrainScore b, int sign) =>
        a.Score == b.Score ? a.Index < b.Index : a.Score > b.Score == sign > 0;
}
