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
}
