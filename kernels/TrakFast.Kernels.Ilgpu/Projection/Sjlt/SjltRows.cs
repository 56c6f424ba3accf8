using ILGPU;

namespace TrakFast.Kernels;

/// <summary>
/// SJLT of a block of table rows: φ[j] = Σ ±values[t, d] over the (t, d) whose coordinate ids[t]·D + d goes to column j. Every example has
/// coordinates of its own, so nothing can be ordered beforehand. A thread hashes four entries of a chunk of 1,024 and keeps
/// column and signed value in registers; then, in rounds, the first entry of each column that is left is added to the column's
/// sum in shared memory: an integer minimum says which is first, so every column adds its entries in ascending order. About a
/// thousand columns at least, by folds as in <see cref="SjltOrder"/>, keep it to about six rounds of two barriers a chunk.
/// A value costs 4 bytes of memory and a hash of about 60 instructions, which bounds it.
/// <para>The reference (<see cref="SjltReference"/>) makes every hash anew for each feature.</para>
/// </summary>
internal static class SjltRows
{
    private const int Chunk = 1024;

    /// <summary>A group sums an example (x) over a span of the list (y) for a range of columns (z).</summary>
    /// <param name="ids">int64 [B, T].</param>
    /// <param name="values">float32 [B, T, D].</param>
    /// <param name="target">Features [B, k] to add to, or the sums of each span [spans, B, k].</param>
    /// <param name="offset">Coordinate of the table's first element.</param>
    /// <param name="positions">T.</param>
    /// <param name="rowLength">D.</param>
    /// <param name="spanChunks">Chunks of a span.</param>
    /// <param name="k">Projection dimension.</param>
    /// <param name="fold">A power of two.</param>
    /// <param name="sparsity">Hashes s; negative where the target is to be added to.</param>
    /// <param name="seed">First word of the key.</param>
    /// <param name="modelId">Second word of the key.</param>
    [KernelEntry("SjltRows", 256)]
    public static void Run(
        ArrayView<long> ids, ArrayView<float> values, ArrayView<float> target, long offset, int positions, int rowLength, int spanChunks,
        int k, int fold, int sparsity, uint seed, uint modelId)
    {
        ArrayView<float> sums = SharedMemory.Allocate<float>(SjltOrder.Range);
        ArrayView<int> firsts = SharedMemory.Allocate<int>(SjltOrder.Range);
        for (int i = Group.IdxX; i < SjltOrder.Range; i += 256)
        {
            sums[i] = 0;
            firsts[i] = int.MaxValue;
        }

        bool add = sparsity < 0;
        RowEntries entries;
        entries.Ids = ids.SubView(Grid.IdxX * (long)positions);
        entries.Length = (long)positions * rowLength;
        entries.Values = values.SubView(Grid.IdxX * entries.Length);
        entries.Offset = offset;
        entries.RowLength = rowLength;
        entries.K = k;
        entries.Fold = fold;
        entries.First = Grid.IdxZ * SjltOrder.Range;
        entries.Seed = seed;
        entries.ModelId = modelId;
        long start = (long)Grid.IdxY * spanChunks * Chunk, end = IntrinsicMath.Min(start + ((long)spanChunks * Chunk), entries.Length);
        for (; start < end; start += Chunk)
        {
            for (int h = 0; h < (add ? -sparsity : sparsity); h++)
            {
                int a = Group.IdxX, b = a + 256, c = a + 512, d = a + 768;
                RowEntry first = entries.At(start, a, end, h),
                    second = entries.At(start, b, end, h),
                    third = entries.At(start, c, end, h),
                    fourth = entries.At(start, d, end, h);
                bool more = true;
                while (more)
                {
                    Group.Barrier();
                    first.Ask(firsts, a);
                    second.Ask(firsts, b);
                    third.Ask(firsts, c);
                    fourth.Ask(firsts, d);
                    Group.Barrier();
                    first.AddIfFirst(firsts, sums, a);
                    second.AddIfFirst(firsts, sums, b);
                    third.AddIfFirst(firsts, sums, c);
                    fourth.AddIfFirst(firsts, sums, d);
                    more = Group.BarrierOr((first.Column & second.Column & third.Column & fourth.Column) >= 0);
                }
            }
        }

        SjltSum.Finish(sums, target, k, fold, add);
    }
}

/// <summary>A value on its way to a column.</summary>
internal struct RowEntry
{
    /// <summary>The column, or −1 for none.</summary>
    public int Column;

    /// <summary>The value with its sign.</summary>
    public float Value;

    /// <summary>Asks whether this entry, number i, is the first that is left of its column.</summary>
    public readonly void Ask(ArrayView<int> firsts, int i)
    {
        if (Column >= 0) Atomic.Min(ref firsts[Column], i);
    }

    /// <summary>Adds the entry if it is, and frees its column.</summary>
    public void AddIfFirst(ArrayView<int> firsts, ArrayView<float> sums, int i)
    {
        if (Column < 0 || firsts[Column] != i) return;
        sums[Column] += Value;
        firsts[Column] = int.MaxValue;
        Column = -1;
    }
}

/// <summary>The entries of an example's list of rows.</summary>
internal struct RowEntries
{
    /// <summary>int64 [T].</summary>
    public ArrayView<long> Ids;

    /// <summary>float32 [T, D].</summary>
    public ArrayView<float> Values;

    /// <summary>Coordinate of the table's first element, and T·D.</summary>
    public long Offset, Length;

    /// <summary>D, k, folds and the first column of the range.</summary>
    public int RowLength, K, Fold, First;

    /// <summary>The key.</summary>
    public uint Seed, ModelId;

    /// <summary>Entry start + i, for hash h; none beyond the end.</summary>
    public readonly RowEntry At(long start, int i, long end, int h)
    {
        RowEntry entry;
        entry.Column = -1;
        entry.Value = 0;
        long at = start + i;
        if (at >= end) return entry;
        long row = at / RowLength;
        uint word = SjltHash.Word(Offset + (Ids[row] * RowLength) + (at - (row * RowLength)), h, Seed, ModelId);
        int column = SjltHash.Column(word, K) + ((i & (Fold - 1)) * K) - First;
        if (column < 0 || column >= SjltOrder.Range) return entry;
        entry.Column = column;
        entry.Value = Interop.IntAsFloat(Interop.FloatAsInt(Values[at]) ^ (word << 31));
        return entry;
    }
}
