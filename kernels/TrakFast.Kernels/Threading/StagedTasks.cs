using System.Runtime.CompilerServices;

namespace TrakFast.Kernels;

/// <summary>Work in stages, each of which prepares something and then uses it in parts; what is prepared has two places, which the stages take in turn.</summary>
internal interface IStagedWork
{
    /// <summary>Called by a thread before its first task: the place to get memory, because a task must not fail.</summary>
    void Begin();

    /// <summary>One of a stage's tasks of preparation.</summary>
    void Prepare(long stage, long task);

    /// <summary>One part of a stage: everything of the stage is prepared, and the same part of the stage before is done.</summary>
    void Use(long stage, long part);
}

/// <summary>
/// Threads that take the tasks of all stages from one list in order, with no barrier between stages. A task waits for
/// earlier tasks alone, and those are done or being done, so some thread always proceeds, however many there are: a
/// preparation waits for the parts two stages before, which used its place; a part waits for its stage's preparation and for
/// itself one stage before. A thread that is held up therefore holds up the others little.
/// </summary>
internal static unsafe class StagedTasks
{
    private const int Line = 64;

    /// <summary>Bytes of counters that <see cref="Run"/> needs.</summary>
    public static long CounterBytes(long parts) => (3 * Line) + (((parts * sizeof(long)) + Line - 1) / Line * Line);

    /// <summary>Does the work.</summary>
    /// <param name="workers">Threads to use.</param>
    /// <param name="stages">Number of stages.</param>
    /// <param name="preparations">Tasks of preparation in each stage.</param>
    /// <param name="parts">Parts of each stage.</param>
    /// <param name="counters">Memory for counters; need not be zero.</param>
    /// <param name="work">What is done.</param>
    public static void Run<TWork>(Workers workers, long stages, long preparations, long parts, void* counters, TWork work)
        where TWork : struct, IStagedWork
    {
        Unsafe.InitBlock(counters, 0, checked((uint)CounterBytes(parts)));

        // A range may stand for several threads: whoever comes first takes what there is.
        workers.Run(workers.Threads, 1, (_, _) => Take(stages, preparations, parts, (byte*)counters, work));
    }

    private static void Take<TWork>(long stages, long preparations, long parts, byte* counters, TWork work)
        where TWork : struct, IStagedWork
    {
        // A cache line each: the next task; preparations and parts done in either place; then stages done of each part.
        ref long next = ref *(long*)counters;
        long* prepared = (long*)(counters + Line), used = (long*)(counters + (2 * Line)), done = (long*)(counters + (3 * Line));
        long tasks = preparations + parts;
        work.Begin();
        while (true)
        {
            long task = Interlocked.Increment(ref next) - 1, stage = task / tasks, place = stage & 1, before = stage >> 1;
            if (stage >= stages) return;
            task -= stage * tasks;
            if (task < preparations)
            {
                WaitFor(ref used[place], before * parts);
                work.Prepare(stage, task);
                Interlocked.Increment(ref prepared[place]);
                continue;
            }

            task -= preparations;
            WaitFor(ref prepared[place], (before + 1) * preparations);
            WaitFor(ref done[task], stage);
            work.Use(stage, task);
            Volatile.Write(ref done[task], stage + 1);
            Interlocked.Increment(ref used[place]);
        }
    }

    private static void WaitFor(ref long counter, long value)
    {
        if (Volatile.Read(ref counter) >= value) return;
        SpinWait spin = default;
        while (Volatile.Read(ref counter) < value) spin.SpinOnce(sleep1Threshold: -1);
    }
}
