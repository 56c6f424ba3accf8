namespace TrakFast.Kernels;

/// <summary>
/// The one place where kernels and engines go parallel: a fixed number of threads that share a range of items.
/// How a range is cut never changes a result: items must not add into the same place.
/// </summary>
public sealed class Workers
{
    private static readonly Workers All = new(Environment.ProcessorCount);
    private readonly Crew _crew;

    /// <summary>Creates workers. Engine and backend of one run should share them.</summary>
    /// <param name="threads">Threads that work at once, the caller's included; at least 1.</param>
    public Workers(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        Threads = threads;
        _crew = new Crew(threads - 1);
    }

    /// <summary>A single thread: the caller's.</summary>
    public static Workers Single { get; } = new(1);

    /// <summary>Threads that work at once.</summary>
    public int Threads { get; }

    /// <summary>As many workers as the process has processors; the same ones at every call.</summary>
    public static Workers PerProcessor() => All;

    /// <summary>
    /// Runs <paramref name="body"/> over [0, count) in contiguous ranges that threads take as they come free: long ones
    /// first, shorter ones towards the end, so that a thread which starts late or is held up does not keep the others waiting.
    /// No more than <see cref="Threads"/> ranges of a call are worked on at once. A call from inside a body is done by its caller
    /// alone; other threads may call at the same time.
    /// </summary>
    /// <param name="count">Number of items.</param>
    /// <param name="grain">Items below which a range is not worth a call of its own.</param>
    /// <param name="body">Receives the start and the end (exclusive) of a range. What it throws reaches the caller.</param>
    public void Run(long count, long grain, Action<long, long> body)
    {
        if (count <= 0) return;
        grain = Math.Max(grain, 1);
        int threads = (int)Math.Clamp(count / grain, 1, Threads);
        if (threads == 1) body(0, count);
        else _crew.Run(threads, count, grain, body);
    }
}
