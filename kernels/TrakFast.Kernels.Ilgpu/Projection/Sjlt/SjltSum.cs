using ILGPU;

namespace TrakFast.Kernels;

/// <summary>
/// SJLT of one example over a span of chunks: φ[j] = Σ ±g[c] over the coordinates c that go to column j. Chunk by chunk the tile of the
/// gradient and its order (<see cref="SjltOrder"/>) are brought into shared memory; then a thread takes columns, strided, and adds
/// the entries of each in ascending order to its sum, which stays in shared memory from chunk to chunk.
/// <para>
/// A group holds 16 KB of tile, 16 KB of sums and 16 KB of order: four groups on a multiprocessor of an H100, three on one of an A100,
/// so that some add while others wait for memory. An entry costs an unsigned 16-bit read, a gathered read of the tile and about
/// ten instructions; in all a chunk reads 16 KB of gradient, where it is not made in place, and about 13 KB of order from the L2 cache.
/// </para>
/// <para>The reference (<see cref="SjltReference"/>) makes every hash anew for each feature: k·s times the work for each coordinate.</para>
/// </summary>
internal static class SjltSum
{
    /// <summary>A group sums an example (x) over a span of chunks (y) for a range of columns (z).</summary>
    /// <param name="source">The example's gradient.</param>
    /// <param name="order">[chunks, hashes, ranges, <see cref="SjltOrder.Length"/>].</param>
    /// <param name="target">Features [B, k] to add to, or the sums of each span [spans, B, k].</param>
    /// <param name="firstChunk">Number of the first ordered chunk.</param>
    /// <param name="chunks">Ordered chunks.</param>
    /// <param name="spanChunks">Chunks of a span.</param>
    /// <param name="k">Projection dimension.</param>
    /// <param name="fold">A power of two.</param>
    /// <param name="sparsity">Hashes s; negative where the target is to be added to.</param>
    public static void Run<TTile>(
        TTile source, ArrayView<ushort> order, ArrayView<float> target, int firstChunk, int chunks,
        int spanChunks, int k, int fold, int sparsity)
        where TTile : struct, ITile
    {
        ArrayView<float> tile = SharedMemory.Allocate<Float4>(SjltOrder.Chunk / 4).Cast<float>(),
            sums = SharedMemory.Allocate<float>(SjltOrder.Range);
        ArrayView<ushort> entries = SharedMemory.Allocate<long>(SjltOrder.Chunk / 4).Cast<ushort>(),
            columns = SharedMemory.Allocate<long>(SjltOrder.Range / 4).Cast<ushort>();
        bool add = sparsity < 0;
        int hashes = add ? -sparsity : sparsity, chunk = Grid.IdxY * spanChunks, end = IntrinsicMath.Min(chunk + spanChunks, chunks);
        for (int i = Group.IdxX; i < SjltOrder.Range; i += 256) sums[i] = 0;
        TileValues values = default;
        if (TTile.Ahead) values = source.Load(firstChunk + chunk, tile);
        for (; chunk < end; chunk++)
        {
            if (!TTile.Ahead) values = source.Load(firstChunk + chunk, tile);
            source.Store(values, tile);
            for (int h = 0; h < hashes; h++)
            {
                ArrayView<ushort> unit = order.SubView(
                    ((((long)chunk * hashes) + h) * Grid.DimZ + Grid.IdxZ) * SjltOrder.Length, SjltOrder.Length);
                int count = unit[0], occupied = unit[1];
                Copy(unit, entries, count, columns, occupied);
                Group.Barrier();
                if (TTile.Ahead && h == 0 && chunk + 1 < end) values = source.Load(firstChunk + chunk + 1, tile);
                Add(unit, columns, entries, tile, sums, occupied);
                Group.Barrier();
            }
        }

        Finish(sums, target, k, fold, add);
    }

    /// <summary>
    /// sums[column] += its entries. Most lists are short: where the second to fourth diagonal begin is the same for all columns
    /// and known beforehand, so that their entries are read at once; only longer lists ask where the next one begins.
    /// </summary>
    private static void Add(
        ArrayView<ushort> unit, ArrayView<ushort> columns, ArrayView<ushort> entries,
        ArrayView<float> tile, ArrayView<float> sums, int occupied)
    {
        const int Second = SjltOrder.Length - 2;
        int begin1 = occupied, begin2 = unit[Second - 1], begin3 = unit[Second - 2], begin4 = unit[Second - 3];
        for (int column = Group.IdxX; column < occupied; column += 256)
        {
            int at = columns[column];
            float sum = sums[at] + Value(entries[column], tile);
            if (column < begin2 - begin1) sum += Value(entries[begin1 + column], tile);
            if (column < begin3 - begin2) sum += Value(entries[begin2 + column], tile);
            if (column < begin4 - begin3)
            {
                sum += Value(entries[begin3 + column], tile);
                int begin = begin4, next = unit[Second - 4];
                for (int diagonal = Second - 5; column < next - begin; diagonal--)
                {
                    sum += Value(entries[begin + column], tile);
                    begin = next;
                    next = unit[diagonal];
                }
            }

            sums[at] = sum;
        }
    }

    /// <summary>The value at an entry's place in the tile, with its sign.</summary>
    private static float Value(int entry, ArrayView<float> tile) =>
        Interop.IntAsFloat(Interop.FloatAsInt(tile[entry & 0xFFF]) ^ (uint)((entry & 0x8000) << 16));

    /// <summary>Adds the folds, halves onto halves, and writes the range's sums.</summary>
    public static void Finish(ArrayView<float> sums, ArrayView<float> target, int k, int fold, bool add)
    {
        for (int half = fold / 2; half > 0; half /= 2)
        {
            for (int i = Group.IdxX; i < half * k; i += 256) sums[i] += sums[i + (half * k)];
            Group.Barrier();
        }

        long first = (long)Grid.IdxZ * SjltOrder.Range, to = ((((long)Grid.IdxY * Grid.DimX) + Grid.IdxX) * k) + first;
        for (int i = Group.IdxX; i < SjltOrder.Range && first + i < k; i += 256)
        {
            if (add) target[to + i] += sums[i];
            else target[to + i] = sums[i];
        }
    }

    /// <summary>
    /// Brings the used parts of entries and columns by 8 bytes, at most 6 more than asked for;
    /// all of a thread's loads are in flight at once.
    /// </summary>
    private static void Copy(ArrayView<ushort> unit, ArrayView<ushort> entries, int count, ArrayView<ushort> columns, int occupied)
    {
        ArrayView<long> entrySource = unit.SubView(SjltOrder.Entries, SjltOrder.Chunk).Cast<long>(),
            columnSource = unit.SubView(SjltOrder.Columns, SjltOrder.Range).Cast<long>();
        ArrayView<long> entryTarget = entries.Cast<long>(), columnTarget = columns.Cast<long>();
        int i = Group.IdxX, j = i + 256, k = i + 512, l = i + 768, e = (count + 3) >> 2, c = (occupied + 3) >> 2;
        long e0 = At(entrySource, i, e), e1 = At(entrySource, j, e), e2 = At(entrySource, k, e), e3 = At(entrySource, l, e);
        long c0 = At(columnSource, i, c), c1 = At(columnSource, j, c), c2 = At(columnSource, k, c), c3 = At(columnSource, l, c);
        entryTarget[i] = e0;
        entryTarget[j] = e1;
        entryTarget[k] = e2;
        entryTarget[l] = e3;
        columnTarget[i] = c0;
        columnTarget[j] = c1;
        columnTarget[k] = c2;
        columnTarget[l] = c3;
    }

    private static long At(ArrayView<long> source, int i, int count) => i < count ? source[i] : 0;
}
