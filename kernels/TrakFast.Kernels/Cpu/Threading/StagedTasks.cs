using System.Runtime.CompilerServices;

namespace TrakFast.Kernels;

/// <summary>
/// Work in stages, each of which prepares something and then uses it in parts;
/// what is prepared has two places, which the stages take in turn.
/// </summary>
internal interface IStagedWork
{
    /// <summary>Called by a thread before its first task: the place to get memory.</summary>
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
/// itself one stage before. A thread that is held up therefore holds up the others little. Where one fails, the others stop at
/// their next task, and the failure reaches the caller.
/// </summary>
internal static unsafe class StagedTasks
{
    /// <summary>Places for what is prepared: stage s has place s mod this.</summary>
    public const int Places = 2;

    private const int Line = 64;

    /// <summary>Bytes of counters that <see cref="Run"/> needs.</summary>
    public static long CounterBytes(long parts) => (4 * Line) + (((parts * sizeof(long)) + Line - 1) / Line * Line);

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

    /// <summary>The same for work that is two actions.</summary>
    /// <param name="workers">Threads to use.</param>
    /// <param name="stages">Number of stages.</param>
    /// <param name="preparations">Tasks of preparation in each stage; may be 0.</param>
    /// <param name="parts">Parts of each stage.</param>
    /// <param name="counters">Memory for counters; need not be zero.</param>
    /// <param name="prepare">Receives stage and task.</param>
    /// <param name="use">Receives stage and part.</param>
    public static void Run(
        Workers workers, long stages, long preparations, long parts, void* counters, Action<long, long> prepare, Action<long, long> use) =>
        Run(workers, stages, preparations, parts, counters, new Actions(prepare, use));

    private static void Take<TWork>(long stages, long preparations, long parts, byte* counters, TWork work)
        where TWork : struct, IStagedWork
    {
        // A cache line each: the next task; whether a thread failed; preparations and parts done in either place;
        // then stages done of each part.
        ref long next = ref *(long*)counters, failed = ref *(long*)(counters + Line);
        long* prepared = (long*)(counters + (2 * Line)), used = (long*)(counters + (3 * Line)), done = (long*)(counters + (4 * Line));
        long tasks = preparations + parts;
        try
        {
            work.Begin();
            while (Volatile.Read(ref failed) == 0)
            {
                long task = Interlocked.Increment(ref next) - 1, stage = task / tasks, place = stage % Places, before = stage / Places;
                if (stage >= stages) return;
                task -= stage * tasks;
                if (task < preparations)
                {
                    if (!WaitFor(ref used[place], before * parts, ref failed)) return;
                    work.Prepare(stage, task);
                    Interlocked.Increment(ref prepared[place]);
                    continue;
                }

                task -= preparations;
                if (!WaitFor(ref prepared[place], (before + 1) * preparations, ref failed)) return;
                if (!WaitFor(ref done[task], stage, ref failed)) return;
                work.Use(stage, task);
                Volatile.Write(ref done[task], stage + 1);
                Interlocked.Increment(ref used[place]);
            }
        }
        catch
        {
            // Nobody must wait for what this thread will not do.
            Volatile.Write(ref failed, 1);
            throw;
        }
    }

    /// <summary>Waits until a counter has reached a value; false if a thread failed instead.</summary>
    private static bool WaitFor(ref long counter, long value, ref long failed)
    {
        if (Volatile.Read(ref counter) >= value) return true;
        SpinWait spin = default;
        while (Volatile.Read(ref counter) < value)
        {
            if (Volatile.Read(ref failed) != 0) return false;
            spin.SpinOnce(sleep1Threshold: -1);
        }

        return true;
    }

    private readonly struct Actions(Action<long, long> prepare, Action<long, long> use) : IStagedWork
    {
        public void Begin()
        {
            // Actions get what memory they need themselves.
        }

        public void Prepare(long stage, long task) => prepare(stage, task);

        public void Use(long stage, long part) => use(stage, part);
    }
}
