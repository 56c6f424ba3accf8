using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TrakFast.Kernels;

/// <summary>
/// Keeps the highest and the lowest scores of every target, and nothing else: O(m·r) memory however many rows come. Equal
/// scores rank by the lower train index, so the result does not depend on the order in which rows come.
/// </summary>
public sealed class TopSink : ScoreSink
{
    /// <summary>Scores of a tile below which a second thread costs more than it saves.</summary>
    private const long Grain = 1 << 15;

    private readonly BestScores[] _highest;
    private readonly BestScores[] _lowest;

    /// <summary>
    /// What a score must reach to be looked at: that of the last one sure to be kept, or infinity's far side until there are r.
    /// </summary>
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
        _highest = new BestScores[targets];
        _lowest = new BestScores[targets];
        for (int j = 0; j < targets; j++)
        {
            _highest[j] = new BestScores(count, 1);
            _lowest[j] = new BestScores(count, -1);
        }

        _highBars = new float[targets];
        _lowBars = new float[targets];
        Array.Fill(_highBars, float.NegativeInfinity);
        Array.Fill(_lowBars, float.PositiveInfinity);
    }

    /// <summary>Scores r kept at either end.</summary>
    public int Count { get; }

    /// <summary>The highest scores of a target, best first; fewer than r if fewer rows came.</summary>
    public ReadOnlySpan<TrainScore> Highest(int target) => _highest[target].Ranked();

    /// <summary>The lowest scores of a target, lowest first; fewer than r if fewer rows came.</summary>
    public ReadOnlySpan<TrainScore> Lowest(int target) => _lowest[target].Ranked();

    /// <summary>Takes a tile of scores.</summary>
    /// <param name="firstRow">Train index of the tile's first row.</param>
    /// <param name="tile">[rows, m], row-major, no NaN.</param>
    public void Accept(long firstRow, ReadOnlySpan<float> tile)
    {
        Debug.Assert(tile.Length % Math.Max(1, Targets) == 0);
        for (long row = firstRow; tile.Length > 0; row++, tile = tile[Targets..])
        {
            for (int j = 0; j < Targets; j++) Offer(j, new TrainScore(row, tile[j]));
        }
    }

    /// <summary>Takes one score of one target.</summary>
    public void Offer(int target, TrainScore example)
    {
        Debug.Assert(!float.IsNaN(example.Score), "A score is not a number.");
        OfferHighest(target, example);
        OfferLowest(target, example);
    }

    /// <summary>What a score of a target must reach to be looked at, at either end.</summary>
    public (float High, float Low) Bars(int target) => (_highBars[target], _lowBars[target]);

    /// <summary>Takes one score of one target that is a candidate for the highest alone.</summary>
    public void OfferHighest(int target, TrainScore example)
    {
        if (example.Score >= _highBars[target]) _highest[target].Add(example, ref _highBars[target]);
    }

    /// <summary>Takes one score of one target that is a candidate for the lowest alone.</summary>
    public void OfferLowest(int target, TrainScore example)
    {
        if (example.Score <= _lowBars[target]) _lowest[target].Add(example, ref _lowBars[target]);
    }

    /// <summary>
    /// Takes a tile that has a row for each target, on several threads: the scores of a target lie side by side, and its lists
    /// stay in the first-level cache.
    /// </summary>
    /// <param name="workers">Threads to use.</param>
    /// <param name="firstRow">Train index of the tile's first column.</param>
    /// <param name="rows">Train examples in the tile.</param>
    /// <param name="tile">[m, rows], row-major, no NaN.</param>
    /// <param name="scale">What the scores of an example are multiplied by [rows].</param>
    public unsafe void AcceptColumns(Workers workers, long firstRow, long rows, float* tile, float* scale) =>
        workers.Run(Targets, Math.Max(1, Grain / rows), (start, end) =>
        {
            for (long j = start; j < end; j++) Scan((int)j, firstRow, rows, tile + (j * rows), scale);
        });

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe void Scan(int target, long firstRow, long count, float* scores, float* scale)
    {
        int width = Vector256<float>.Count;
        Vector256<float> high = Vector256.Create(_highBars[target]), low = Vector256.Create(_lowBars[target]);
        long i = 0;
        for (; Simd.Vectors && i <= count - width; i += width)
        {
            // Nearly all scores fall between the bars once some rows are in.
            Vector256<float> score = Vector256.Load(scores + i) * Vector256.Load(scale + i);
            uint kept = (Vector256.GreaterThanOrEqual(score, high) | Vector256.LessThanOrEqual(score, low)).ExtractMostSignificantBits();
            if (kept == 0) continue;
            for (; kept != 0; kept &= kept - 1)
            {
                int lane = BitOperations.TrailingZeroCount(kept);
                Offer(target, new TrainScore(firstRow + i + lane, score.GetElement(lane)));
            }

            high = Vector256.Create(_highBars[target]);
            low = Vector256.Create(_lowBars[target]);
        }

        for (; i < count; i++) Offer(target, new TrainScore(firstRow + i, scores[i] * scale[i]));
    }
}
