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
                if (Interlocked.Read(ref rest) > 0)
                    Assert.That(restDone.Wait(TimeSpan.FromMinutes(1)), "The other thread did not take the rest.");
            }
            else if (Interlocked.Add(ref rest, start - end) == 0) restDone.Set();
        });
        Assert.That(held, Is.LessThanOrEqualTo(250));
    }

    [Test]
    public void WhatFailsInARangeReachesTheCaller()
    {
        Workers workers = new(2);
        for (int item = 0; item < 100; item++)
        {
            InvalidOperationException? thrown = Assert.Throws<InvalidOperationException>(() => workers.Run(100, 1, (start, end) =>
            {
                if (start <= item && end > item) throw new InvalidOperationException($"item {item}");
            }));
            Assert.That(thrown!.Message, Is.EqualTo($"item {item}"));
        }
    }

    [Test]
    public void WorkersAreAsGoodAsNewAfterAFailure()
    {
        Workers workers = new(2);
        Assert.Throws<InvalidOperationException>(() => workers.Run(100, 1, (_, _) => throw new InvalidOperationException()));
        long sum = 0;
        workers.Run(1000, 1, (start, end) => Interlocked.Add(ref sum, end - start));
        Assert.That(sum, Is.EqualTo(1000));
    }

    [Test]
    public void ACallInsideACallIsDoneByItsCaller()
    {
        Workers workers = new(2);
        int[] done = new int[64 * 64];
        workers.Run(64, 1, (start, end) =>
        {
            for (long i = start; i < end; i++)
            {
                int thread = Environment.CurrentManagedThreadId;
                workers.Run(64, 1, (from, to) =>
                {
                    Assert.That(Environment.CurrentManagedThreadId, Is.EqualTo(thread));
                    for (long j = from; j < to; j++) Interlocked.Increment(ref done[(i * 64) + j]);
                });
            }
        });
        Assert.That(done, Is.All.EqualTo(1));
    }

    [Test]
    public void SeveralCallersShareWorkers()
    {
        Workers workers = new(3);
        int wrong = 0;
        Thread[] callers = [.. Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            for (int round = 0; round < 2000; round++)
            {
                long sum = 0;
                workers.Run(100, 1, (start, end) => Interlocked.Add(ref sum, ((start + end - 1) * (end - start)) / 2));
                if (sum != 4950) Interlocked.Increment(ref wrong);
            }
        }))];
        foreach (Thread caller in callers) caller.Start();
        foreach (Thread caller in callers) caller.Join();
        Assert.That(wrong, Is.Zero);
    }

    [Test]
    public void ACallerIsHelpedWhileAnotherIsAtWork()
    {
        Workers workers = new(2);
        using ManualResetEventSlim started = new(false), end = new(false);
        Thread holder = new(() => workers.Run(2, 1, (_, _) =>
        {
            started.Set();
            end.Wait(TimeSpan.FromMinutes(1));
        }));
        holder.Start();
        Assert.That(started.Wait(TimeSpan.FromMinutes(1)), Is.True);

        // Each range waits for the other, so one thread alone would not end.
        using Barrier together = new(2);
        int met = 0;
        workers.Run(2, 1, (_, _) =>
        {
            if (together.SignalAndWait(TimeSpan.FromMinutes(1))) Interlocked.Increment(ref met);
        });
        end.Set();
        holder.Join();
        Assert.That(met, Is.EqualTo(2));
    }

    [Test]
    public void StartingARangeAllocatesNothing()
    {
        Workers workers = new(2);
        long sum = 0;
        Action<long, long> body = (start, end) => Interlocked.Add(ref sum, end - start);
        for (int i = 0; i < 100; i++) workers.Run(1000, 1, body);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++) workers.Run(1000, 1, body);
        Assert.That(
            GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1000 * 8),
            "bytes for 1,000 ranges; the pool's queue grows now and then");
    }

    [Test]
    public void NothingIsNothing() => new Workers(2).Run(0, 1, (_, _) => Assert.Fail("A range of nothing."));
}
