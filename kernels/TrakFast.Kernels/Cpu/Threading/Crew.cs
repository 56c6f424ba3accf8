using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace TrakFast.Kernels;

/// <summary>
/// Threads of the pool that help a caller with one range of items at a time. Between two ranges they watch for the next one
/// for a moment before they go back to the pool, so that kernels which follow each other closely find them awake. Starting
/// a range allocates nothing. A helper that comes late finds no seat and is not waited for.
/// </summary>
/// <param name="helpers">Threads beside the caller's at most.</param>
internal sealed class Crew(int helpers) : IThreadPoolWorkItem
{
    /// <summary>How long a helper watches for the next range: about what it takes to wake a thread that sleeps.</summary>
    private static readonly long Watch = Environment.ProcessorCount > 1 ? Stopwatch.Frequency / 20_000 : 0;

    /// <summary>The shortest range is this part of a thread's share.</summary>
    private const int Shortest = 16;

    // Ranges that this thread is inside of.
    [ThreadStatic]
    private static int Depth;

    /// <summary>One helper at work, in <see cref="_table"/>.</summary>
    private const long Member = 1L << 32;

    // Free seats in the lower half, helpers at work in the upper.
    private Counter _table;

    // Items that are taken.
    private Counter _taken;

    // Helpers that the pool was asked for and that have not gone back.
    private int _called;
    private int _busy;
    private Action<long, long>? _body;
    private long _count, _least;
    private int _threads;
    private ExceptionDispatchInfo? _failure;

    /// <summary>
    /// Shares [0, count) among the caller and helpers. Where the crew is at work already, a caller that is inside of a range does it all,
    /// and another one gets a crew for this call.
    /// </summary>
    /// <param name="threads">Threads, the caller's included; one more than helpers at most.</param>
    /// <param name="count">Number of items.</param>
    /// <param name="grain">Items of the shortest range.</param>
    /// <param name="body">Receives the start and the end (exclusive) of a range.</param>
    public void Run(int threads, long count, long grain, Action<long, long> body)
    {
        Debug.Assert(threads <= helpers + 1);
        if (Interlocked.CompareExchange(ref _busy, 1, 0) != 0)
        {
            if (Depth > 0) body(0, count);
            else new Crew(helpers).Run(threads, count, grain, body);
            return;
        }

        (_body, _count, _least, _threads, _failure) = (body, count, Math.Max(grain, count / (threads * Shortest)), threads, null);
        _taken.Value = 0;

        // Either this sees a helper that leaves, or the helper sees the seats: see Execute.
        Interlocked.Exchange(ref _table.Value, threads - 1);
        for (int missing = threads - 1 - Volatile.Read(ref _called); missing > 0; missing--)
        {
            Interlocked.Increment(ref _called);
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }

        Take();
        SpinWait spin = default;
        Interlocked.And(ref _table.Value, -Member);
        while (Volatile.Read(ref _table.Value) != 0) spin.SpinOnce(sleep1Threshold: -1);
        ExceptionDispatchInfo? failure = _failure;
        (_body, _failure) = (null, null);
        Volatile.Write(ref _busy, 0);
        failure?.Throw();
    }

    /// <inheritdoc/>
    void IThreadPoolWorkItem.Execute()
    {
        long since = Stopwatch.GetTimestamp();
        while (true)
        {
            if (TakeSeat())
            {
                Take();
                Interlocked.Add(ref _table.Value, -Member);
                since = Stopwatch.GetTimestamp();
            }
            else if (Stopwatch.GetTimestamp() - since < Watch)
            {
                Thread.SpinWait(4);
            }
            else
            {
                Interlocked.Decrement(ref _called);
                if ((uint)Volatile.Read(ref _table.Value) == 0) return;
                Interlocked.Increment(ref _called);
            }
        }
    }

    private bool TakeSeat()
    {
        long seen = Volatile.Read(ref _table.Value);
        while ((uint)seen > 0)
        {
            long found = Interlocked.CompareExchange(ref _table.Value, seen + Member - 1, seen);
            if (found == seen) return true;
            seen = found;
        }

        return false;
    }

    /// <summary>Works on ranges until all are taken or one failed: long ones first, shorter ones towards the end.</summary>
    private void Take()
    {
        Depth++;
        try
        {
            while (Volatile.Read(ref _failure) is null)
            {
                long start = Volatile.Read(ref _taken.Value), left = _count - start;
                if (left <= 0) return;
                long length = left < 2 * _least ? left : Math.Max(_least, left / (2 * _threads));
                if (Interlocked.CompareExchange(ref _taken.Value, start + length, start) == start) _body!(start, start + length);
            }
        }
        catch (Exception failure)
        {
            // The caller throws it when every helper has stopped.
            Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(failure), null);
        }
        finally
        {
            Depth--;
        }
    }

    /// <summary>A number with two cache lines to itself, which threads change without disturbing what lies beside it.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 192)]
    private struct Counter
    {
        [FieldOffset(64)]
        public long Value;
    }
}
