using TrakFast.Evaluation;
using TrakFast.Kernels;

namespace TrakFast.Tests.Evaluation;

/// <summary>Sums of scores over subsets, whatever the tiles in which the scores come.</summary>
public sealed class SubsetPredictionsTests
{
    private const int N = 2500;
    private const int M = 7;
    private readonly Subsets _subsets = SubsetSampler.Sample(N, 5, seed: 3);
    private readonly float[] _scores = Baselines.Random(N, M, seed: 8);

    [Test]
    public void SumsAreThoseOfTheMembers()
    {
        using SubsetPredictions predictions = new(_subsets, M, new Workers(2));
        predictions.AddRest(RowBlocks.From(_scores, M));
        for (int s = 0; s < _subsets.Count; s++)
        {
            double[] sums = [.. Enumerable.Range(0, M).Select(j => _subsets.Members(s).Sum(i => (double)_scores[(i * M) + j]))];
            Assert.That(predictions.Of(s).ToArray(), Is.EqualTo(sums).Within(1e-3));
        }
    }

    [TestCase(1)]
    [TestCase(37)]
    [TestCase(1024)]
    [TestCase(2500)]
    public void TilesOfAnyHeightGiveTheSameBits(int height)
    {
        using SubsetPredictions whole = new(_subsets, M), tiles = new(_subsets, M);
        whole.AddRest(RowBlocks.From(_scores, M));
        for (int row = 0; row < N; row += height)
            tiles.Sink.Accept(row, _scores.AsSpan(row * M, Math.Min(height, N - row) * M));
        for (int s = 0; s < _subsets.Count; s++) Assert.That(tiles.Of(s).ToArray(), Is.EqualTo(whole.Of(s).ToArray()));
    }

    [Test]
    public void RowsAreAskedForInBlocksThatDoNotGrowWithTheirNumber()
    {
        const int Many = 100_000;
        int largest = 0;
        using SubsetPredictions predictions = new(SubsetSampler.Sample(Many, 2), M);
        predictions.AddRest((_, rows) => largest = Math.Max(largest, rows.Length / M));
        Assert.That(predictions.Rows, Is.EqualTo(Many));
        Assert.That(largest, Is.LessThanOrEqualTo(1024));
    }

    [Test]
    public void RowsOutOfOrderMissingOrTooManyAreRefused()
    {
        using SubsetPredictions predictions = new(_subsets, M);
        predictions.Add(0, _scores.AsSpan(0, 10 * M));
        Assert.That(() => predictions.Add(11, _scores.AsSpan(0, M)), Throws.ArgumentException.With.Message.Contains("row 10 is next"));
        Assert.That(() => predictions.Add(10, _scores.AsSpan(0, M + 1)), Throws.ArgumentException.With.Message.Contains("whole number"));
        Assert.That(() => predictions.Add(10, _scores), Throws.ArgumentException.With.Message.Contains("there are 2500 training examples"));
        Assert.That(() => predictions.Of(0).Length, Throws.InvalidOperationException.With.Message.Contains("10 of 2500"));
        Assert.That(() => LinearDatamodelingScore.Compute(predictions, new float[5 * M]), Throws.InvalidOperationException);
        predictions.Dispose();
        Assert.That(() => predictions.Add(10, _scores.AsSpan(0, M)), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public void NoMemoryIsLeftAlive()
    {
        long alive = NativeBuffers.Alive;
        using (SubsetPredictions predictions = new(_subsets, M)) predictions.AddRest(RowBlocks.From(_scores, M));
        Assert.That(NativeBuffers.Alive, Is.EqualTo(alive));
    }
}
