using ILGPU;

namespace TrakFast.Kernels;

/// <summary>
/// Keeps the r best candidates of a list that has grown beyond a limit, and raises the bar of its target. A group sorts one
/// list in shared memory (Batcher, «Sorting networks and their applications», 1968): 8 bytes read a candidate, log²n / 4
/// comparisons each; one thread that inserts them in order would compare n / 4 times each, alone. A list of 4,096 takes 78
/// passes; nearly all lists are short, or left as they are.
/// </summary>
internal static class TopSelection
{
    private const int Most = 4096;

    /// <summary>A list a group.</summary>
    /// <param name="keys">int64 [parts, columns, 2, room], as unsigned numbers, the best the smallest.</param>
    /// <param name="counts">int32 [parts, columns, 2].</param>
    /// <param name="bars">int32 [columns, 2].</param>
    /// <param name="columns">Targets.</param>
    /// <param name="room">Places of a list, at most 4,096.</param>
    /// <param name="keep">Candidates r to keep.</param>
    /// <param name="limit">Longest list that is left as it is, at least r.</param>
    [KernelEntry("TopSelection", 256)]
    public static void Run(ArrayView<long> keys, ArrayView<int> counts, ArrayView<int> bars, long columns, int room, int keep, int limit)
    {
        ArrayView<long> sorted = SharedMemory.Allocate<long>(Most);
        long list = Grid.IdxX, first = list * room;
        int count = counts[list], thread = Group.IdxX, size = 1;
        if (count <= limit) return;
        while (size < count) size *= 2;
        for (long i = thread; i < size; i += 256) sorted[i] = i < count ? keys[first + i] : -1;
        Group.Barrier();
        for (int run = 2; run <= size; run *= 2)
        {
            for (int step = run / 2; step > 0; step /= 2)
            {
                for (int i = thread; i < size / 2; i += 256)
                {
                    long low = (2 * i) - (i & (step - 1)), high = low + step;
                    long a = sorted[low], b = sorted[high];
                    if ((ulong)a > (ulong)b == ((low & run) == 0))
                    {
                        sorted[low] = b;
                        sorted[high] = a;
                    }
                }

                // In the steps up to 32 a warp's 32 pairs are the same 64 places, so the warp need not wait for others.
                if (step > 32 || (step == 1 && (run > 32 || run == size))) Group.Barrier();
                else Warp.Barrier();
            }
        }

        for (long i = thread; i < keep; i += 256) keys[first + i] = sorted[i];
        if (thread != 0) return;
        counts[list] = keep;

        // A part's bar holds for all parts of its target; the strictest is the same whoever comes first.
        int end = (int)(list & 1), bar = ScoreOrder.Bar(ScoreOrder.ScoreOf(sorted[keep - 1], end));
        long target = list % (2 * columns);
        if (end == 0) Atomic.Max(ref bars[target], bar);
        else Atomic.Min(ref bars[target], bar);
    }

    /// <summary>Lists side by side, so that one copy brings them to the host: a list a group, 16 bytes a candidate.</summary>
    /// <param name="keys">int64 [lists, room].</param>
    /// <param name="starts">int64 [lists + 1], where each list begins in <paramref name="packed"/>.</param>
    /// <param name="packed">int64.</param>
    /// <param name="room">Places of a list.</param>
    [KernelEntry("PackLists", 128)]
    public static void Pack(ArrayView<long> keys, ArrayView<long> starts, ArrayView<long> packed, int room)
    {
        long list = Grid.IdxX, start = starts[list], end = starts[list + 1];
        for (long i = start + Group.IdxX; i < end; i += 128) packed[i] = keys[(list * room) + (i - start)];
    }
}
