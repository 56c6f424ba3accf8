namespace TrakFast.Kernels.Tests;

/// <summary>Work in stages: the order that parts and preparations may count on, and what becomes of a failure.</summary>
internal sealed unsafe class StagedTasksTests
{
    [Test]
    public void StagesAreFilledBeforeTheyAreMultipliedAndPartsRunInOrder(
        [Values(1, 2, 4, 9)] int threads, [Values(0, 1, 5)] int fills, [Values(1, 3)] int parts)
    {
        const int Stages = 50;
        int[] filled = new int[Stages], next = new int[parts];
        int[] multiplied = new int[Stages];
        int wrong = 0;
        Run(
            threads, Stages, fills, parts,
            (stage, _) =>
            {
                if (stage >= StagedTasks.Places && Volatile.Read(ref multiplied[stage - StagedTasks.Places]) != parts)
                    Interlocked.Increment(ref wrong);
                Thread.SpinWait(50);
                Interlocked.Increment(ref filled[stage]);
            },
            (stage, part) =>
            {
                if (Volatile.Read(ref filled[stage]) != fills || next[part]++ != stage) Interlocked.Increment(ref wrong);
                Thread.SpinWait(100);
                Interlocked.Increment(ref multiplied[stage]);
            });
        Assert.That(wrong, Is.Zero);
        Assert.That(multiplied, Is.All.EqualTo(parts));
        Assert.That(filled, Is.All.EqualTo(fills));
    }

    [Test]
    public void AFailureInAStageEndsAllOfThem([Values(1, 4)] int threads) =>
        Assert.That(
            () => Run(threads, 100, 3, 4, (_, _) => { }, (stage, _) => throw new InvalidOperationException($"stage {stage}")),
            Throws.InstanceOf<InvalidOperationException>());

    [Test]
    public void SoDoesAFailureInAPreparation([Values(1, 4)] int threads) =>
        Assert.That(
            () => Run(threads, 100, 3, 4, (stage, _) => throw new InvalidOperationException($"stage {stage}"), (_, _) => { }),
            Throws.InstanceOf<InvalidOperationException>());

    private static void Run(int threads, long stages, long preparations, long parts, Action<long, long> prepare, Action<long, long> use)
    {
        // Counters are not cleared by who lends them.
        byte[] memory = [.. Enumerable.Repeat((byte)255, (int)StagedTasks.CounterBytes(parts))];
        fixed (byte* counters = memory) StagedTasks.Run(new Workers(threads), stages, preparations, parts, counters, prepare, use);
    }
}
