namespace TrakFast.Kernels.Tests;

internal sealed class TopSinkTests
{
    [Test]
    public void TiesGoToTheLowerIndexInAnyOrderOfRows()
    {
        float[] scores = [1, 3, 3, 2, 3, 1, 1];
        TopSink forward = new(1, 2), backward = new(1, 2);
        forward.Accept(0, scores);
        for (int row = scores.Length - 1; row >= 0; row--) backward.Accept(row, scores.AsSpan(row, 1));
        foreach (TopSink sink in (ReadOnlySpan<TopSink>)[forward, backward])
        {
            Assert.That(sink.Highest(0).ToArray(), Is.EqualTo(new TrainScore[] { new(1, 3), new(2, 3) }));
            Assert.That(sink.Lowest(0).ToArray(), Is.EqualTo(new TrainScore[] { new(0, 1), new(5, 1) }));
        }
    }

    [Test]
    public void FewerRowsThanAskedForAreAllKept()
    {
        TopSink sink = new(9, 5);
        sink.Accept(7, [.. Enumerable.Range(0, 18).Select(i => (float)i)]);
        for (int j = 0; j < 9; j++)
        {
            Assert.That(sink.Highest(j).ToArray(), Is.EqualTo(new TrainScore[] { new(8, 9 + j), new(7, j) }));
            Assert.That(sink.Lowest(j).ToArray(), Is.EqualTo(new TrainScore[] { new(7, j), new(8, 9 + j) }));
        }
    }

    [TestCase(1)]
    [TestCase(3)]
    [TestCase(100)]
    public void TheBestOfManyAreThoseOfASort(int count)
    {
        // Few different values, so that ties are everywhere; rising, falling and mixed.
        float[] mixed = [.. TestData.Longs(5000, 701, count).Select(x => (float)x)];
        foreach (float[] scores in (float[][])[mixed, [.. mixed.Order()], [.. mixed.OrderDescending()], [.. mixed.Select(x => x % 3)]])
        {
            TopSink sink = new(1, count);
            for (int row = 0; row < scores.Length; row += 50)
            {
                sink.Accept(row, scores.AsSpan(row, 50));

                // Looking in between changes nothing.
                if (row % 700 == 0) Assert.That(sink.Highest(0).Length, Is.EqualTo(Math.Min(count, row + 50)));
            }

            TrainScore[] all = [.. scores.Select((score, i) => new TrainScore(i, score))];
            Assert.That(sink.Highest(0).ToArray(), Is.EqualTo(all.OrderByDescending(s => s.Score).ThenBy(s => s.Index).Take(count)));
            Assert.That(sink.Lowest(0).ToArray(), Is.EqualTo(all.OrderBy(s => s.Score).ThenBy(s => s.Index).Take(count)));
        }
    }
}
