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
    public static void Run<TTile>(TTile source, ArrayView<ushort> order, ArrayView<float> target, int firstChunk, int chunks, int spanChunks, int k, int fold, int sparsity)
        where TTile : struct, ITile
    {
        ArrayView<float> tile = SharedMemory.Allocate<Quad>(SjltOrder.Chunk / 4).Cast<float>(), sums = SharedMemory.Allocate<float>(SjltOrder.Range);
        ArrayView<ushort> entries = SharedMemory.Allocate<long>(SjltOrder.Chunk / 4).Cast<ushort>(), columns = SharedMemory.Allocate<long>(SjltOrder.Range / 4).Cast<ushort>();
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
                ArrayView<ushort> unit = order.SubView(((((long)chunk * hashes) + h) * Grid.DimZ + Grid.IdxZ) * SjltOrder.Length, SjltOrder.Length);
                int count = unit[0], occupied = unit[1];
                Copy(unit.SubView(SjltOrder.Entries, SjltOrder.Chunk), entries, count);
                Copy(unit.SubView(SjltOrder.Columns, SjltOrder.Range), columns, occupied);
                Group.Barrier();
                if (TTile.Ahead && h == 0 && chunk + 1 < end) values = source.Load(firstChunk + chunk + 1, tile);
                for (int column = Group.IdxX; column < occupied; column += 256)
                {
                    int at = columns[column], begin = 0, next = occupied;
                    float sum = sums[at];
                    for (int diagonal = SjltOrder.Length - 3; column < next - begin; diagonal--)
                    {
                        int entry = entries[begin + column];
                        sum += Interop.IntAsFloat(Interop.FloatAsInt(tile[entry & 0xFFF]) ^ (uint)((entry & 0x8000) << 16));
                        begin = next;
                        next = unit[diagonal];
                    }

                    sums[at] = sum;
                }

                Group.Barrier();
            }
        }

        Finish(sums, target, k, fold, add);
    }

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

    /// <summary>Copies by 8 bytes, up to 6 more than asked for.</summary>
    private static void Copy(ArrayView<ushort> from, ArrayView<ushort> to, int count)
    {
        ArrayView<long> source = from.Cast<long>(), target = to.Cast<long>();
        for (int i = Group.IdxX; i < (count + 3) >> 2; i += 256) target[i] = source[i];
    }
}
