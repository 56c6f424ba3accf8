namespace TrakFast.Kernels;

/// <summary>Tasks of different sizes, which threads take one by one in order; the largest should come first.</summary>
internal static class TaskList
{
    /// <summary>Runs every task once.</summary>
    /// <param name="workers">Threads to use.</param>
    /// <param name="tasks">Number of tasks.</param>
    /// <param name="body">Receives a task's number.</param>
    public static void Run(Workers workers, long tasks, Action<long> body)
    {
        if (workers.Threads == 1 || tasks <= 1)
        {
            for (long task = 0; task < tasks; task++) body(task);
            return;
        }

        long next = 0;

        // A range may stand for several threads: whoever comes first takes what there is.
        workers.Run(Math.Min(tasks, workers.Threads), 1, (_, _) =>
        {
            for (long task; (task = Interlocked.Increment(ref next) - 1) < tasks;) body(task);
        });
    }
}
