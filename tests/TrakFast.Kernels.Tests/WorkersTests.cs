namespace TrakFast.Kernels.Tests;

/// <summary>Threads that share a range of items.</summary>
internal sealed class WorkersTests
{
    [TestCase(1, 7, 1)]
    [TestCase(2, 1, 1)]
    [TestCase(2, 7, 1)]
    [TestCase(2, 7, 4)]
    [TestCase(2, 100_003, 10)]
    [TestCase(3, 1000, 1)]
    [TestCase(5, 12, 3)]
    [TestCase(8, 3, 0)]
    [TestCase(16, 100_003, 1)]
    public void EveryItemIsDoneOnceAndNoRangeIsShorterThanTheGrain(int threads, int count, int grain)
    {
        int[] done = new int[count];
        int atOnce = 0, most = 0, shortest = int.MaxValue;
        Lock gate = new();
        new Workers(threads).Run(count, grain, (start, end) =>
        {
            int now = Interlocked.Increment(ref atOnce);
            lock (gate)
            {
                most = Math.Max(most, now);
                shortest = Math.Min(shortest, (int)(end - start));
            }

            for (long item = start; item < end; item++) Interlocked.Increment(ref done[item]);
            Interlocked.Decrement(ref atOnce);
        });

        Assert.Multiple(() =>
        {
            Assert.That(done, Is.All.EqualTo(1));
            Assert.That(most, Is.LessThanOrEqualTo(threads));
            Assert.That(shortest, Is.GreaterThanOrEqualTo(Math.Min(grain, count)));
        });
    }

    [Test]
    public void AThreadThatIsHeldUpLeavesTheRestToTheOthers()
    {
        using ManualResetEventSlim restDone = new(false);
        long rest = 1000, held = -1;
        new Workers(2).Run(1000, 1, (start, end) =>
        {
            if (Interlocked.CompareExchange(ref held, end - start, -1) == -1)
            {
                Interlocked.Add(ref rest, start - end);
                if (Interlocked.Read(ref rest) > 0) Assert.That(restDone.Wait(TimeSpan.FromMinutes(1)), "The other thread did not take the rest.");
            }
            else if (Interlocked.Add(ref rest, start - end) == 0) restDone.Set();
        });
        Assert.That(held, Is.LessThanOrEqualTo(250));
    }

    [Test]
    public void WhatFailsInARangeReachesTheCaller()
    {
        AggregateException? thrown = Assert.Throws<AggregateException>(() => new Workers(2).Run(100, 1, (start, end) =>
        {
            if (start <= 50 && end > 50) throw new InvalidOperationException("item 50");
        }));
        Assert.That(thrown!.InnerExceptions, Has.One.Message.EqualTo("item 50"));
    }

    [Test]
    public void NothingIsNothing() => new Workers(2).Run(0, 1, (_, _) => Assert.Fail("A range of nothing."));
}
