using ILGPU;

namespace TrakFast.Kernels;

/// <summary>
/// Scores of which only candidates are written. A group computes 128 × 128 scores as <see cref="ScoreTiles"/> does, and compares
/// them in registers with two bars for each target, what a score must reach to be among the r highest or lowest so far. One
/// that reaches its bar goes to the list of its target and part of the rows. Places in a list are handed out by an integer
/// counter, so their order may differ from run to run, but the set may not, and <see cref="TopSelection"/> puts it in order.
/// <para>
/// Once r rows of a part are ranked, hardly a score reaches its bar: the kernel then writes next to nothing, where tiles write
/// 4 bytes a score and whoever selects from them reads these again.
/// </para>
/// </summary>
internal static class TopScores
{
    /// <summary>One target and one end a thread: all rows in order, the best kept in order by insertion.</summary>
    /// <param name="train">float32 [rows, depth].</param>
    /// <param name="targets">float32 [columns, depth].</param>
    /// <param name="scale">float32 [rows].</param>
    /// <param name="keys">int64 [columns, 2, room].</param>
    /// <param name="counts">int32 [columns, 2].</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Targets.</param>
    /// <param name="depth">Features of an example.</param>
    /// <param name="room">Scores to keep.</param>
    [KernelEntry("TopScoresReference", 256, Ships = false)]
    public static void Reference(
        ArrayView<float> train, ArrayView<float> targets, ArrayView<float> scale, ArrayView<long> keys, ArrayView<int> counts,
        long rows, long columns, long depth, int room)
    {
        long list = ((long)Grid.IdxX * 256) + Group.IdxX, target = list >> 1, first = list * room;
        if (target >= columns) return;
        long count = 0;
        for (long row = 0; row < rows; row++)
        {
            float sum = 0;
            for (long d = 0; d < depth; d++) sum = DeviceOperations.Fma(train[(row * depth) + d], targets[(target * depth) + d], sum);
            long key = ScoreOrder.Key(Interop.FloatAsInt(scale[row] * sum), (int)(list & 1), (uint)row);
            if (count == room && (ulong)key >= (ulong)keys[first + count - 1]) continue;
            long at = count < room ? count++ : count - 1;
            for (; at > 0 && (ulong)keys[first + at - 1] > (ulong)key; at--) keys[first + at] = keys[first + at - 1];
            keys[first + at] = key;
        }

        counts[list] = (int)count;
    }

    /// <summary>Tiles of 128 × 128.</summary>
    /// <param name="train">float32 [rows, depth].</param>
    /// <param name="targets">float32 [columns, depth].</param>
    /// <param name="scale">float32 [rows].</param>
    /// <param name="partial">float32 [rows, columns] to which the products are added before they are scaled, or nothing.</param>
    /// <param name="keys">int64 [parts, columns, 2, room], candidates.</param>
    /// <param name="counts">int32 [parts, columns, 2], how many there are in each list.</param>
    /// <param name="bars">int32 [columns, 2], as <see cref="ScoreOrder.Bar"/> writes them.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Targets.</param>
    /// <param name="depth">Features of an example.</param>
    /// <param name="firstRow">Number by which candidates know the first row.</param>
    /// <param name="partRows">Rows of a part, a multiple of 128, at most as many as every list has places left.</param>
    /// <param name="room">Places of a list.</param>
    /// <param name="vectors">Not 0 where both features may be read by 16 bytes.</param>
    [KernelEntry("TopScores", 256, typeof(RegisterProduct), Groups = 2)]
    [KernelEntry("TopScoresTensor", 256, typeof(TensorProduct), Groups = 2)]
    public static void Run<TProduct>(
        ArrayView<float> train, ArrayView<float> targets, ArrayView<float> scale, ArrayView<float> partial,
        ArrayView<long> keys, ArrayView<int> counts, ArrayView<int> bars,
        long rows, long columns, long depth, int firstRow, int partRows, int room, int vectors)
        where TProduct : struct, ITileProduct
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(32 * TProduct.Stride);
        long top = (long)Grid.IdxX * 128, start = (long)Grid.IdxY * 128;
        TileSums sums = TProduct.Multiply(
            LineOperand.Of(train, rows, depth, top, vectors), LineOperand.Of(targets, columns, depth, start, vectors), shared, 0, depth);
        Candidates candidates = default;
        candidates.Partial = partial;
        candidates.Scale = scale;
        candidates.Keys = keys;
        candidates.Counts = counts;
        candidates.Rows = rows;
        candidates.Columns = columns;
        candidates.FirstRow = firstRow;
        candidates.Room = room;
        candidates.FirstList = top / partRows * columns * 2;
        Column<TProduct>(
            candidates, bars, top, start, 0, sums.R0.C0, sums.R1.C0, sums.R2.C0, sums.R3.C0,
            sums.R4.C0, sums.R5.C0, sums.R6.C0, sums.R7.C0);
        Column<TProduct>(
            candidates, bars, top, start, 1, sums.R0.C1, sums.R1.C1, sums.R2.C1, sums.R3.C1,
            sums.R4.C1, sums.R5.C1, sums.R6.C1, sums.R7.C1);
        Column<TProduct>(
            candidates, bars, top, start, 2, sums.R0.C2, sums.R1.C2, sums.R2.C2, sums.R3.C2,
            sums.R4.C2, sums.R5.C2, sums.R6.C2, sums.R7.C2);
        Column<TProduct>(
            candidates, bars, top, start, 3, sums.R0.C3, sums.R1.C3, sums.R2.C3, sums.R3.C3,
            sums.R4.C3, sums.R5.C3, sums.R6.C3, sums.R7.C3);
        Column<TProduct>(
            candidates, bars, top, start, 4, sums.R0.C4, sums.R1.C4, sums.R2.C4, sums.R3.C4,
            sums.R4.C4, sums.R5.C4, sums.R6.C4, sums.R7.C4);
        Column<TProduct>(
            candidates, bars, top, start, 5, sums.R0.C5, sums.R1.C5, sums.R2.C5, sums.R3.C5,
            sums.R4.C5, sums.R5.C5, sums.R6.C5, sums.R7.C5);
        Column<TProduct>(
            candidates, bars, top, start, 6, sums.R0.C6, sums.R1.C6, sums.R2.C6, sums.R3.C6,
            sums.R4.C6, sums.R5.C6, sums.R6.C6, sums.R7.C6);
        Column<TProduct>(
            candidates, bars, top, start, 7, sums.R0.C7, sums.R1.C7, sums.R2.C7, sums.R3.C7,
            sums.R4.C7, sums.R5.C7, sums.R6.C7, sums.R7.C7);
    }

    private static void Column<TProduct>(
        Candidates candidates, ArrayView<int> bars, long top, long start, int index,
        float s0, float s1, float s2, float s3, float s4, float s5, float s6, float s7)
        where TProduct : struct, ITileProduct
    {
        long column = start + TProduct.Column(Group.IdxX, index & 6) + (index & 1);
        if (column >= candidates.Columns) return;
        candidates.Column = column;
        candidates.High = Interop.IntAsFloat(ScoreOrder.BarBits(bars[2 * column]));
        candidates.Low = Interop.IntAsFloat(ScoreOrder.BarBits(bars[(2 * column) + 1]));
        int thread = Group.IdxX;
        candidates.Offer(s0, top + TProduct.Row(thread, 0));
        candidates.Offer(s1, top + TProduct.Row(thread, 1));
        candidates.Offer(s2, top + TProduct.Row(thread, 2));
        candidates.Offer(s3, top + TProduct.Row(thread, 3));
        candidates.Offer(s4, top + TProduct.Row(thread, 4));
        candidates.Offer(s5, top + TProduct.Row(thread, 5));
        candidates.Offer(s6, top + TProduct.Row(thread, 6));
        candidates.Offer(s7, top + TProduct.Row(thread, 7));
    }

    /// <summary>Where the candidates of a column go.</summary>
    private struct Candidates
    {
        public ArrayView<float> Partial, Scale;
        public ArrayView<long> Keys;
        public ArrayView<int> Counts;
        public long Rows, Columns, FirstList, Column;
        public int FirstRow, Room;
        public float High, Low;

        public readonly void Offer(float sum, long row)
        {
            if (row >= Rows) return;
            float score = sum;
            if (Partial.Length > 0) score = Partial[(row * Columns) + Column] + sum;
            score = Scale[row] * score;
            if (score >= High) Take(score, 0, row);
            if (score <= Low) Take(score, 1, row);
        }

        private readonly void Take(float score, int end, long row)
        {
            long list = FirstList + (2 * Column) + end;
            long place = Atomic.Add(ref Counts[list], 1);
            Keys[(list * Room) + place] = ScoreOrder.Key(Interop.FloatAsInt(score), end, (uint)(FirstRow + row));
        }
    }
}
