namespace TrakFast.Kernels;

/// <summary>
/// Work in stages, each of which fills one of two buffers and then multiplies from it, on all threads without a common
/// barrier. Threads take items in one fixed order: the fills of a stage, its multiplications, the fills of the next. An item
/// waits only for items before it, which somebody has therefore begun, so it works on any number of threads that really run.
/// The multiplications of one part happen in the order of stages, whoever does them: what a part adds up has fixed bits.
/// </summary>
/// <param name="stages">Stages.</param>
/// <param name="fills">Items that fill a stage's buffer; may be 0.</param>
/// <param name="parts">Items that multiply from it.</param>
internal sealed class StagePipeline(int stages, int fills, int parts)
{
    /// <summary>Buffers: one is multiplied from while the other is filled.</summary>
    public const int Slots = 2;

    private readonly int[] _filled = new int[Slots];
    private readonly int[] _multiplied = new int[Slots];
    private readonly int[] _stagesDone = new int[parts];
    private long _next;
    private volatile bool _failed;

    /// <summary>Runs everything.</summary>
    /// <param name="workers">Threads.</param>
    /// <param name="fill">Receives stage and item.</param>
    /// <param name="multiply">Receives stage and part.</param>
    public void Run(Workers workers, Action<int, int> fill, Action<int, int> multiply) =>
        workers.Run(workers.Threads, 1, (_, _) => Take(fill, multiply));

    private void Take(Action<int, int> fill, Action<int, int> multiply)
    {
        int items = fills + parts;
        try
        {
            while (Interlocked.Increment(ref _next) - 1 is long index && index < (long)stages * items && !_failed)
            {
                int stage = (int)(index / items), item = (int)(index % items), slot = stage % Slots, round = stage / Slots;
                if (item < fills)
                {
                    Wait(ref _multiplied[slot], parts * round);
                    if (!_failed) fill(stage, item);
                    Interlocked.Increment(ref _filled[slot]);
                    continue;
                }

                int part = item - fills;
                Wait(ref _filled[slot], fills * (round + 1));
                Wait(ref _stagesDone[part], stage);
                if (!_failed) multiply(stage, part);
                Volatile.Write(ref _stagesDone[part], stage + 1);
                Interlocked.Increment(ref _multiplied[slot]);
            }
        }
        catch
        {
            // Nobody must wait for what this thread will not do.
            _failed = true;
            throw;
        }
    }

    private void Wait(ref int counter, int value)
    {
        SpinWait spin = default;
        while (Volatile.Read(ref counter) < value && !_failed) spin.SpinOnce(-1);
    }
}
