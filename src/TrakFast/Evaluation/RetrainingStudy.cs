using System.Runtime.ExceptionServices;

namespace TrakFast.Evaluation;

/// <summary>
/// Trains models on subsets of the training set, each several times, and keeps the margins they reach on the targets:
/// the truth that the linear datamodeling score is measured against.
/// </summary>
public static class RetrainingStudy
{
    /// <summary>
    /// Trains S × R models, one a thread, and returns their margins. Tasks are handed out in order, but may finish in any;
    /// what a task returns has to follow from the task alone, and the result then does too.
    /// </summary>
    /// <param name="subsets">S subsets.</param>
    /// <param name="repeats">Trainings R on each subset, which differ in their seed.</param>
    /// <param name="targets">Number of targets m.</param>
    /// <param name="train">Trains one model with one thread and returns its margins f(z_j; θ), [m].</param>
    /// <param name="seed">Seed from which every task's seed is made.</param>
    /// <param name="threads">Models to train at once; 0 for one a processor.</param>
    /// <param name="progress">Told after every model.</param>
    /// <param name="cancellationToken">Stops the study; also handed to every training.</param>
    /// <exception cref="TrakException">A training returned another number of margins, or one that is not finite.</exception>
    /// <exception cref="OperationCanceledException">The study was stopped.</exception>
    /// <remarks>
    /// When trainings throw, no further ones begin, and of their exceptions the one of the first task in order is thrown on
    /// as it is.
    /// </remarks>
    public static RetrainingMargins Run(
        Subsets subsets, int repeats, int targets, Func<RetrainingTask, CancellationToken, float[]> train,
        ulong seed = 0, int threads = 0, IProgress<RetrainingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(subsets);
        ArgumentNullException.ThrowIfNull(train);
        ArgumentOutOfRangeException.ThrowIfLessThan(repeats, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(targets, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        int total = checked(repeats * subsets.Count);
        float[] margins = new float[checked((long)total * targets)];
        var failures = new Exception?[total];
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var gate = new Lock();
        int next = -1, done = 0;

        // A loop for each thread takes the next task when it is free: trainings take long and differ in length, so that
        // ranges shared out beforehand would leave threads without work at the end.
        void Work()
        {
            int number;
            while (!stop.IsCancellationRequested && (number = Interlocked.Increment(ref next)) < total)
            {
                try
                {
                    (int repeat, int subset) = Math.DivRem(number, subsets.Count);
                    SeededRandom random = new(seed, ((ulong)repeat << 32) | (uint)subset);
                    RetrainingTask task = new(subsets, subset, repeat, random.Next());
                    Check(train(task, stop.Token), task, targets).CopyTo(margins.AsSpan(checked(number * targets)));
                    lock (gate) progress?.Report(new RetrainingProgress(++done, total));
                }
                catch (Exception e)
                {
                    failures[number] = e;
                    stop.Cancel();
                    return;
                }
            }
        }

        Thread[] helpers = [.. Enumerable.Range(1, Math.Min(threads == 0 ? Environment.ProcessorCount : threads, total) - 1)
            .Select(_ => new Thread(Work) { IsBackground = true, Name = "Retraining" })];
        foreach (Thread helper in helpers) helper.Start();
        Work();
        foreach (Thread helper in helpers) helper.Join();

        cancellationToken.ThrowIfCancellationRequested();

        // Trainings that were stopped because another failed are not the cause.
        Exception? cause = failures.FirstOrDefault(static f => f is not null and not OperationCanceledException)
            ?? failures.FirstOrDefault(static f => f is not null);
        if (cause is not null) ExceptionDispatchInfo.Throw(cause);
        return new RetrainingMargins(margins, repeats, subsets.Count, targets);
    }

    private static float[] Check(float[] margins, RetrainingTask task, int targets)
    {
        if (margins.Length != targets)
        {
            throw new TrakException(
                $"Training on subset {task.Subset}, repeat {task.Repeat}, "
                + $"returned {margins.Length} margins for {targets} targets.");
        }

        int wrong = Array.FindIndex(margins, static margin => !float.IsFinite(margin));
        if (wrong >= 0)
        {
            throw new TrakException(
                $"Training on subset {task.Subset}, repeat {task.Repeat}, gave target {wrong} the margin {margins[wrong]}; "
                + "it has to be finite.");
        }

        return margins;
    }
}
