using ILGPU;

namespace TrakFast.Kernels;

/// <summary>
/// Puts the coordinates of a chunk in the order in which <see cref="SjltSum"/> adds them. Hashes depend on the coordinate alone,
/// so this is done once for a block, however many examples there are.
/// <para>
/// A chunk is a tile of 4,096 coordinates, 2^a rows by 2^(12−a) columns of the block. For one hash, each of its coordinates goes to
/// one of k columns. Where k is small, coordinate i of the chunk goes to column + k·(i mod fold) instead, so that there are always
/// about a thousand columns; the sums of the folds are added at the end. Columns come in ranges of 4,096, a range a group.
/// </para>
/// <para>
/// The order is that of jagged diagonals: columns with at least one coordinate, longest lists first; then each such column's
/// first coordinate, then the second of each that has two, and so on, each list ascending. So neighboring threads that each
/// own a column read neighboring entries, have lists of the same length, and neither wait for each other nor need atomics.
/// Which of two columns with equally long lists comes first may differ from run to run; nothing that is added does.
/// </para>
/// <para>
/// Lengths are counted by integer atomics in shared memory; a place within a list is taken by an atomic, and the column's owner
/// then sorts its few entries. A chunk costs 4,096 hashes (about 60 instructions each) and writes 2 bytes an entry and at most
/// 2 bytes a column: about 13 KB that all examples share through the L2 cache, against 16 KB of gradient an example.
/// </para>
/// </summary>
internal static class SjltOrder
{
    /// <summary>Coordinates of a chunk.</summary>
    public const int Chunk = 4096;

    /// <summary>Columns of a range.</summary>
    public const int Range = 4096;

    /// <summary>
    /// Where entries begin, after the number of entries and that of columns: the place in the chunk, the sign in the top bit.
    /// </summary>
    public const int Entries = 8;

    /// <summary>Where the columns begin, as numbers within the range.</summary>
    public const int Columns = Entries + Chunk;

    /// <summary>
    /// Numbers of one chunk, hash and range. From the last one down: where the diagonals begin among the entries, then the end five times.
    /// Diagonals and columns together are at most 4,097.
    /// </summary>
    public const int Length = Columns + Range + 16;

    private const ushort Outside = 0xFFFF;

    /// <summary>A group orders a chunk (x) for a hash (y) and a range of columns (z) of the matrix k columns wide.</summary>
    /// <param name="order">[chunks, hashes, ranges, <see cref="Length"/>].</param>
    /// <param name="offset">Coordinate of the block's first element.</param>
    /// <param name="rowStride">Coordinates between two rows.</param>
    /// <param name="rows">Rows of the block.</param>
    /// <param name="columns">Columns of the block.</param>
    /// <param name="logColumns">Logarithm of a tile's columns.</param>
    /// <param name="firstChunk">Number of the first chunk.</param>
    /// <param name="k">Projection dimension.</param>
    /// <param name="fold">A power of two.</param>
    /// <param name="seed">First word of the key.</param>
    /// <param name="modelId">Second word of the key.</param>
    [KernelEntry("SjltOrder", 256)]
    public static void Run(
        ArrayView<ushort> order, long offset, long rowStride, long rows, long columns, int logColumns, int firstChunk,
        int k, int fold, uint seed, uint modelId)
    {
        ArrayView<ushort> keys = SharedMemory.Allocate<ushort>(Chunk), entries = SharedMemory.Allocate<ushort>(Chunk);
        ArrayView<int> lists = SharedMemory.Allocate<int>(Range), lengths = SharedMemory.Allocate<int>(Chunk);
        ArrayView<ushort> unit = order.SubView(((((long)Grid.IdxX * Grid.DimY) + Grid.IdxY) * Grid.DimZ + Grid.IdxZ) * Length, Length);

        // The number of columns with entries, before there are entries.
        ArrayView<int> occupied = entries.Cast<int>();
        for (int i = Group.IdxX; i < Chunk; i += 256)
        {
            lists[i] = 0;
            lengths[i] = 0;
        }

        if (Group.IdxX == 0) occupied[0] = 0;
        Group.Barrier();
        Hash(keys, lists, offset, rowStride, rows, columns, logColumns, firstChunk + Grid.IdxX, k, fold, seed, modelId);
        Group.Barrier();
        int some = 0;
        for (int column = Group.IdxX; column < Range; column += 256)
        {
            int length = lists[column];
            if (length == 0) continue;
            Atomic.Add(ref lengths[length - 1], 1);
            some++;
        }

        Atomic.Add(ref occupied[0], some);
        Group.Barrier();
        if (Group.IdxX == 0) Diagonals(unit, lengths, occupied[0]);
        Group.Barrier();
        for (int column = Group.IdxX; column < Range; column += 256)
        {
            int length = lists[column];
            if (length == 0) continue;
            int place = Atomic.Add(ref lengths[length - 1], 1 << 16) >> 16;
            unit[Columns + place] = (ushort)column;
            lists[column] = place;
        }

        Group.Barrier();
        for (int i = Group.IdxX; i < Chunk; i += 256)
        {
            int key = keys[i];
            if (key == Outside) continue;
            int list = Atomic.Add(ref lists[key & 0x7FFF], 1 << 16);
            entries[Begin(lengths, list >> 16) + (list & 0xFFFF)] = (ushort)(i | (key & 0x8000));
        }

        Group.Barrier();
        for (int column = Group.IdxX; column < Range; column += 256) Sort(entries, lengths, lists[column] & 0xFFFF, lists[column] >> 16);
        Group.Barrier();
        int count = unit[0];
        for (int i = Group.IdxX; i < count; i += 256) unit[Entries + i] = entries[i];
    }

    /// <summary>keys[i] = the column within the range and the sign of each coordinate, counted in lists.</summary>
    private static void Hash(
        ArrayView<ushort> keys, ArrayView<int> lists, long offset, long rowStride, long rows, long columns, int logColumns, int chunk,
        int k, int fold, uint seed, uint modelId)
    {
        long across = ((columns - 1) >> logColumns) + 1, down = chunk / across;
        long firstRow = down << (12 - logColumns), firstColumn = (chunk - (down * across)) << logColumns;
        int first = Grid.IdxZ * Range;
        for (int i = Group.IdxX; i < Chunk; i += 256)
        {
            long row = firstRow + (i >> logColumns), column = firstColumn + (i & ((1 << logColumns) - 1));
            int key = Outside;
            if (row < rows && column < columns)
            {
                uint word = SjltHash.Word(offset + (row * rowStride) + column, Grid.IdxY, seed, modelId);
                int at = SjltHash.Column(word, k) + ((i & (fold - 1)) * k) - first;
                if (at >= 0 && at < Range)
                {
                    Atomic.Add(ref lists[at], 1);
                    key = at | (int)((word & 1) << 15);
                }
            }

            keys[i] = (ushort)key;
        }
    }

    /// <summary>
    /// lengths[r], the number of lists of r + 1 entries, becomes where diagonal r begins among the entries, and above it where
    /// lists of r + 1 entries begin among the columns: behind all that are longer.
    /// </summary>
    private static void Diagonals(ArrayView<ushort> unit, ArrayView<int> lengths, int occupied)
    {
        int begin = 0, r = 0;
        for (int n = occupied; n > 0; r++)
        {
            int longer = n - lengths[r];
            lengths[r] = begin | (longer << 16);
            unit[Length - 1 - r] = (ushort)begin;
            begin += n;
            n = longer;
        }

        for (int end = 0; end < 5; end++) unit[Length - 1 - r - end] = (ushort)begin;
        unit[0] = (ushort)begin;
        unit[1] = (ushort)occupied;
    }

    /// <summary>Sorts the list at a place among the columns, ascending, by insertion: lists are short.</summary>
    private static void Sort(ArrayView<ushort> entries, ArrayView<int> lengths, int place, int length)
    {
        for (int i = 1; i < length; i++)
        {
            ushort entry = entries[Begin(lengths, i) + place];
            int j = i;
            for (; j > 0; j--)
            {
                ushort before = entries[Begin(lengths, j - 1) + place];
                if ((before & 0xFFF) < (entry & 0xFFF)) break;
                entries[Begin(lengths, j) + place] = before;
            }

            entries[Begin(lengths, j) + place] = entry;
        }
    }

    private static int Begin(ArrayView<int> lengths, int diagonal) => lengths[diagonal] & 0xFFFF;
}
