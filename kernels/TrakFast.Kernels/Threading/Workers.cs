namespace TrakFast.Kernels;

/// <summary>
/// The one place where kernels and engines go parallel: a fixed number of threads that share a range of items.
/// How a range is cut never changes a result: items must not add into the same place.
/// </summary>
public sealed class Workers
{
    private readonly ParallelOptions _options;

    /// <summary>Creates workers.</summary>
    /// <param name="threads">Threads that work at once, the caller's included; at least 1.</param>
    public Workers(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        Threads = threads;
        _options = new ParallelOptions { MaxDegreeOfParallelism = threads };
    }

    /// <summary>A single thread: the caller's.</summary>
    public static Workers Single { get; } = new(1);

    /// <summary>Threads that work at once.</summary>
    public int Threads { get; }

    /// <summary>As many workers as the process has processors.</summary>
    public static Workers PerProcessor() => new(Environment.ProcessorCount);

    /// <summary>Runs <paramref name="body"/> over [0, count) in at most <see cref="Threads"/> contiguous ranges.</summary>
    /// <param name="count">Number of items.</param>
    /// <param name="grain">Items below which a range is not worth a thread of its own.</param>
    /// <param name="body">Receives the start and the end (exclusive) of a range.</param>
    public void Run(long count, long grain, Action<long, long> body)
    {
        long ranges = Math.Clamp(count / Math.Max(grain, 1), 1, Threads);
        if (count <= 0) return;
        if (ranges == 1)
        {
            body(0, count);
            return;
        }

        Parallel.For(0, (int)ranges, _options, range => body(range * count / ranges, (range + 1) * count / ranges));
    }
}
