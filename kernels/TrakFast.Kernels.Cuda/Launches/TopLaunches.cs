using System.Collections.Immutable;

namespace TrakFast.Kernels;

/// <summary>How rows and targets are cut where candidates are selected on the device. Results do not depend on it.</summary>
/// <param name="PartRows">Rows that feed one list between two selections, a multiple of 128.</param>
/// <param name="Room">Candidates a list has room for, at most 4,096 and at least <paramref name="PartRows"/> + r.</param>
/// <param name="Lists">Targets × parts at most.</param>
/// <param name="Version">How scores are computed; not as <see cref="DeviceArithmetic.Reference"/>.</param>
internal readonly record struct TopPlan(int PartRows, int Room, int Lists, DeviceArithmetic Version = DeviceArithmetic.Float32)
{
    /// <summary>Lists take 256 MiB; a launch has 512 tiles of 128 × 128.</summary>
    public static TopPlan Default => new(2048, 4096, 4096);

    /// <summary>Scores r that can be kept.</summary>
    public int MostKept => Room - PartRows;
}

/// <summary>
/// The strongest scores of each target without the [n, m] matrix. Targets come in blocks, the rows of a block in spans of parts ×
/// part rows. A launch computes a span's scores and adds those that reach their bar to the list of their target and part;
/// selecting then cuts lists that have grown to the r best and raises the bars. A list has room for all rows of its part, so
/// nothing can be lost; at the end what is left, at most r for each list and end, goes to the sink, which ranks it.
/// A sink that keeps more than 2,048 scores gets whole tiles instead.
/// </summary>
internal static unsafe class TopLaunches
{
    /// <summary>Rows that candidates can number.</summary>
    private const long MostRows = 1 << 30;

    private static readonly DeviceKernel Reference = new(
        "TopScoresReference",
        256,
        [
            ArgumentKind.Floats, ArgumentKind.Floats, ArgumentKind.Floats, ArgumentKind.Longs, ArgumentKind.Ints,
            ArgumentKind.Int64, ArgumentKind.Int64, ArgumentKind.Int64, ArgumentKind.Int32,
        ]) { Ships = false };

    private static readonly ImmutableArray<ArgumentKind> Arguments =
    [
        ArgumentKind.Floats, ArgumentKind.Floats, ArgumentKind.Floats, ArgumentKind.Floats, ArgumentKind.Longs, ArgumentKind.Ints,
        ArgumentKind.Ints, ArgumentKind.Int64, ArgumentKind.Int64, ArgumentKind.Int64, ArgumentKind.Int32, ArgumentKind.Int32,
        ArgumentKind.Int32, ArgumentKind.Int32,
    ];

    private static readonly DeviceKernel Registers = new("TopScores", 256, Arguments);
    private static readonly DeviceKernel TensorCores = new("TopScoresTensor", 256, Arguments);

    private static readonly DeviceKernel Selection = new(
        "TopSelection",
        256,
        [
            ArgumentKind.Longs, ArgumentKind.Ints, ArgumentKind.Ints, ArgumentKind.Int64, ArgumentKind.Int32,
            ArgumentKind.Int32, ArgumentKind.Int32
        ]);

    private static readonly DeviceKernel Packing = new(
        "PackLists", 128, [ArgumentKind.Longs, ArgumentKind.Longs, ArgumentKind.Longs, ArgumentKind.Int32]);

    /// <summary>The kernels launched here.</summary>
    public static ImmutableArray<DeviceKernel> Kernels => [Reference, Registers, TensorCores, Selection, Packing];

    /// <summary>Offers every score that may be among the strongest to the sink.</summary>
    /// <param name="device">Where the features lie.</param>
    /// <param name="scratch">Lends device memory.</param>
    /// <param name="workers">Threads that rank.</param>
    /// <param name="train">For each model float32 [rows, k_model]; at least one model.</param>
    /// <param name="targets">For each model float32 [m, k_model].</param>
    /// <param name="rowScale">float32 [rows].</param>
    /// <param name="firstRow">Train index of the first row.</param>
    /// <param name="sink">Keeps at most <see cref="TopPlan.MostKept"/> scores.</param>
    /// <param name="plan">How the work is cut.</param>
    public static void Run(
        IDevice device, DeviceScratch scratch, Workers workers, IReadOnlyList<MemoryView> train, IReadOnlyList<MemoryView> targets,
        MemoryView rowScale, long firstRow, TopSink sink, TopPlan plan)
    {
        long rows = rowScale.Length;
        for (long first = 0; first < rows; first += MostRows)
        {
            long height = Math.Min(MostRows, rows - first);
            Inputs inputs = new(
                [.. train.Select(values => values.Slice(values.Length / rows * first, values.Length / rows * height))],
                targets, rowScale.Slice(first, height), firstRow + first, sink);
            for (int left = 0; left < sink.Targets; left += plan.Lists)
                Block(device, scratch, workers, inputs, left, Math.Min(plan.Lists, sink.Targets - left), plan);
        }
    }

    /// <summary>The r best of every target at both ends, one thread each: keys int64 [m, 2, r], counts int32 [m, 2].</summary>
    public static void RunReference(
        IDevice device, MemoryView train, MemoryView targets, MemoryView rowScale, MemoryView keys,
        MemoryView counts, long columns, int keep) =>
        device.Launch(
            Reference, new Grid3(((2 * columns) + Reference.Threads - 1) / Reference.Threads), train, targets, rowScale, keys, counts,
            rowScale.Length, columns, train.Length / rowScale.Length, keep);

    private static void Block(IDevice device, DeviceScratch scratch, Workers workers, Inputs inputs, int left, int columns, TopPlan plan)
    {
        (long rows, int keep) = (inputs.RowScale.Length, inputs.Sink.Count);
        int parts = (int)Math.Clamp(plan.Lists / columns, 1, (rows + plan.PartRows - 1) / plan.PartRows);
        long lists = 2L * parts * columns, span = (long)parts * plan.PartRows;
        using DeviceScratch.Lease keys = scratch.Rent(ElementType.Int64, lists * plan.Room);
        using DeviceScratch.Lease counts = scratch.Rent(ElementType.Int32, lists), bars = scratch.Rent(ElementType.Int32, 2L * columns);
        using DeviceScratch.Lease partial = scratch.Rent(ElementType.Float32, inputs.Train.Length > 1 ? Math.Min(span, rows) * columns : 1);
        device.Clear(counts.View.Pointer, lists * sizeof(int));
        UploadBars(device, inputs.Sink, left, bars.View);
        for (long first = 0; first < rows; first += span)
        {
            long height = Math.Min(span, rows - first);
            Candidates(device, inputs, first, height, left, columns, partial.View, keys.View, counts.View, bars.View, plan);
            int limit = first + span < rows ? Math.Min(2 * keep, plan.MostKept) : keep;
            device.Launch(Selection, new Grid3(lists), keys.View, counts.View, bars.View, (long)columns, plan.Room, keep, limit);
        }

        Offer(device, scratch, workers, inputs, left, columns, parts, keys.View, counts.View, plan.Room);
    }

    /// <summary>A span's candidates: the models before the last add to a tile, the last compares.</summary>
    private static void Candidates(
        IDevice device, Inputs inputs, long first, long height, int left, int columns,
        MemoryView partial, MemoryView keys, MemoryView counts, MemoryView bars, TopPlan plan)
    {
        int last = inputs.Train.Length - 1;
        for (int model = 0; model <= last; model++)
        {
            long k = inputs.Train[model].Length / inputs.RowScale.Length;
            MemoryView train = inputs.Train[model].Slice(first * k, height * k),
                targets = inputs.Targets[model].Slice(left * k, columns * k);
            if (model < last)
            {
                ScoreLaunches.Tile(device, train, targets, inputs.RowScale.Slice(0, 0), partial, height, columns, model > 0, plan.Version);
                continue;
            }

            device.Launch(
                plan.Version == DeviceArithmetic.TensorCores ? TensorCores : Registers,
                new Grid3((height + 127) / 128, (columns + 127) / 128), train, targets, inputs.RowScale.Slice(first, height),
                partial.Slice(0, last > 0 ? height * columns : 0), keys, counts, bars, height, (long)columns, k,
                (int)first, plan.PartRows, plan.Room, ScoreLaunches.ByVectors(train, k) && ScoreLaunches.ByVectors(targets, k) ? 1 : 0);
        }
    }

    private static void UploadBars(IDevice device, TopSink sink, int left, MemoryView bars)
    {
        using NativeBuffer<int> host = new(bars.Length);
        for (int j = 0; j < bars.Length / 2; j++)
        {
            (float high, float low) = sink.Bars(left + j);
            host.Pointer[2 * j] = ScoreOrder.Bar(BitConverter.SingleToUInt32Bits(high));
            host.Pointer[(2 * j) + 1] = ScoreOrder.Bar(BitConverter.SingleToUInt32Bits(low));
        }

        device.Copy(new MemoryView((nint)host.Pointer, bars.Length, ElementType.Int32, MemorySpace.Host), bars);
    }

    /// <summary>Brings the lists to the host side by side, and offers them, a target a thread.</summary>
    private static void Offer(
        IDevice device, DeviceScratch scratch, Workers workers, Inputs inputs, int left, int columns, int parts,
        MemoryView keys, MemoryView counts, int room)
    {
        long lists = counts.Length;
        using NativeBuffer<int> lengths = new(lists);
        using NativeBuffer<long> starts = new(lists + 1);
        device.Copy(counts, new MemoryView((nint)lengths.Pointer, lists, ElementType.Int32, MemorySpace.Host));
        for (long list = 0; list < lists; list++) starts.Pointer[list + 1] = starts.Pointer[list] + lengths.Pointer[list];
        long total = starts.Pointer[lists];
        if (total == 0) return;
        using NativeBuffer<long> candidates = new(total);
        using (DeviceScratch.Lease begins = scratch.Rent(ElementType.Int64, lists + 1), packed = scratch.Rent(ElementType.Int64, total))
        {
            device.Copy(MemoryView.Of(starts.Pointer, lists + 1), begins.View);
            device.Launch(Packing, new Grid3(lists), keys, begins.View, packed.View, room);
            device.Copy(packed.View, MemoryView.Of(candidates.Pointer, total));
        }

        long* from = starts.Pointer, key = candidates.Pointer;
        workers.Run(columns, 16, (start, end) =>
        {
            for (long j = start; j < end; j++)
            {
                for (long list = 2 * j; list < lists; list += 2L * columns)
                {
                    for (long i = from[list]; i < from[list + 1]; i++) inputs.Sink.OfferHighest((int)(left + j), inputs.Score(key[i], 0));
                    for (long i = from[list + 1]; i < from[list + 2]; i++)
                        inputs.Sink.OfferLowest((int)(left + j), inputs.Score(key[i], 1));
                }
            }
        });
    }

    private sealed record Inputs(MemoryView[] Train, IReadOnlyList<MemoryView> Targets, MemoryView RowScale, long FirstRow, TopSink Sink)
    {
        /// <summary>What a candidate stands for.</summary>
        public TrainScore Score(long key, int end) =>
            new(FirstRow + ScoreOrder.RowOf(key), BitConverter.UInt32BitsToSingle(ScoreOrder.ScoreOf(key, end)));
    }
}
