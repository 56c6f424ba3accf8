using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TrakFast.Kernels;

/// <summary>
/// Sparse Johnson–Lindenstrauss: every coordinate is added, with a sign, to s columns. A block is cut into slices of its tiles, by
/// its shape and k alone, and the batch into sets of a vector of examples; slices and sets run in parallel, each with sums of its
/// own (<see cref="LaneScatter"/>), and a set's slices are added up in their order. So an example's features depend on neither the
/// batch nor the threads.
/// </summary>
internal sealed unsafe class SjltProjector(Projection projection, Workers workers, ScratchPool pool)
    : Projector(projection, workers, pool)
{
    /// <summary>Coordinates whose hashes are made at once; they stay in the first-level cache.</summary>
    private const int Chunk = 1024;

    /// <summary>Coordinates of a slice at least: enough for its sums to be worth adding up.</summary>
    private const long SliceLength = 128 << 10;
    private const int MostSlices = 16;

    /// <summary>Floats of sums that share a second-level cache with tiles.</summary>
    private const long CacheFloats = 64 << 10;

    /// <summary>
    /// Floats between two examples' tiles, so that the same element of all of them does not fall into one set of the first-level cache.
    /// </summary>
    private const int Apart = 16;

    private readonly int _sparsity = projection.Sparsity;

    /// <inheritdoc/>
    public override void Project(TileSource source, float* features)
    {
        // Sums of its own are two passes over the features, which a block much shorter than k does not earn back.
        if (source.Length * 4 < Dimension)
        {
            Workers.Run(source.Batch, 4, (start, end) => AddDirectly(source, start, end, features));
            return;
        }

        int slices = (int)Math.Clamp(Math.Min(source.Length / Math.Max(SliceLength, 8L * Dimension), source.Count), 1, MostSlices);
        int lanes = Lanes(source.Batch, slices), sets = (source.Batch + lanes - 1) / lanes;

        // Sets of one item share hashes, as long as all threads have work and the sums stay in the cache; beside products that
        // fill tiles, hashes cost nothing.
        int together = source.InPlace(source.At(0), out _) is null
            ? 1
            : (int)Math.Clamp(Math.Min(CacheFloats / ((long)Dimension * lanes), (long)sets * slices / Workers.Threads), 1, sets);
        int items = (sets + together - 1) / together;
        long partLength = (long)Dimension * lanes * together;
        using ScratchPool.Lease partLease = Pool.Rent(partLength * items * slices);
        float* parts = partLease.Pointer;
        Workers.Run((long)items * slices, 1, (start, end) =>
        {
            int examples = Math.Min(source.Batch, lanes * together);
            using ScratchPool.Lease tileLease = Pool.Rent(((long)source.TileLength + Apart) * examples),
                preparedLease = Pool.Rent(source.PreparedLength * examples);
            using ScratchPool.Lease hashLease = Pool.Rent(((long)Chunk * _sparsity) + LaneScatter.Ahead + Philox.HashSlack),
                wordLease = Pool.Rent((Chunk * 4) + Philox.Slack);
            for (long n = start; n < end; n++)
            {
                (long item, long slice) = Math.DivRem(n, slices);
                long first = item * lanes * together;
                AddSlice(
                    source, slice * source.Count / slices, (slice + 1) * source.Count / slices, first,
                    (int)Math.Min(lanes * together, source.Batch - first), lanes, tileLease.Pointer, preparedLease.Pointer,
                    (int*)hashLease.Pointer, (uint*)wordLease.Pointer, parts + (n * partLength));
            }
        });
        Workers.Run(sets, Math.Max(1, (1 << 16) / ((long)Dimension * slices)), (start, end) =>
        {
            for (long set = start; set < end; set++)
            {
                (long item, long within) = Math.DivRem(set, together);
                float* part = parts + (item * slices * partLength) + (within * lanes * Dimension);
                LaneScatter.AddUp(
                    lanes, part, slices, partLength, (int)Math.Min(lanes, source.Batch - (set * lanes)), Dimension,
                    features + (set * lanes * Dimension));
            }
        });
    }

    /// <inheritdoc/>
    public override void Project(RowsBlock block, float* features)
    {
        long* ids = block.Ids.Longs;
        float* values = block.Values.Floats;
        int length = block.RowLength;
        Workers.Run(block.Batch, 1, (start, end) =>
        {
            using ScratchPool.Lease hashLease = Pool.Rent(((long)Chunk * _sparsity) + Philox.HashSlack),
                wordLease = Pool.Rent((Chunk * 4) + Philox.Slack);
            int* hashes = (int*)hashLease.Pointer;
            for (long row = start * block.Positions; row < end * block.Positions; row++)
            {
                CoordinateRuns runs = new(block.Offset + (ids[row] * length), length, length);
                for (int i = 0; i < length; i += Chunk)
                {
                    int count = Math.Min(Chunk, length - i);
                    Hash(runs, i, count, hashes, (uint*)wordLease.Pointer);
                    Scatter(values + (row * length) + i, hashes, count, features + (row / block.Positions * Dimension));
                }
            }
        });
    }

    /// <summary>Whole vectors, unless halves are needed to give every thread something to do.</summary>
    private int Lanes(int batch, int slices)
    {
        if (!LaneScatter.Supported) return 1;
        int lanes = LaneScatter.Lanes(batch);
        return (long)(batch + lanes - 1) / lanes * slices < Workers.Threads ? LaneScatter.Lanes(1) : lanes;
    }

    /// <summary>Examples [start, end) of a short block, one after the other.</summary>
    private void AddDirectly(TileSource source, long start, long end, float* features)
    {
        using ScratchPool.Lease tileLease = Pool.Rent(source.TileLength), preparedLease = Pool.Rent(source.PreparedLength * (end - start));
        using ScratchPool.Lease hashLease = Pool.Rent(((long)source.TileLength * _sparsity) + Philox.HashSlack),
            wordLease = Pool.Rent((source.TileLength * 4L) + Philox.Slack);
        int* hashes = (int*)hashLease.Pointer;
        for (long index = 0; index < source.Count; index++)
        {
            Tile tile = source.At(index);
            Hash(source.Runs(tile), 0, tile.Length, hashes, (uint*)wordLease.Pointer);
            for (long e = start; e < end; e++)
            {
                float* values = source.InPlace(tile, out long step);
                if (values is not null)
                {
                    Scatter(values + (e * step), hashes, tile.Length, features + (e * Dimension));
                    continue;
                }

                float* prepared = preparedLease.Pointer + ((e - start) * source.PreparedLength);
                if (index % source.TilesDown == 0) source.Prepare(index / source.TilesDown, index == 0, e, prepared);
                source.Fill(tile, e, prepared, tileLease.Pointer);
                Scatter(tileLease.Pointer, hashes, tile.Length, features + (e * Dimension));
            }
        }
    }

    /// <summary>sums [sets of lanes, k, lanes] = the tiles [tile, endTile) of examples [first, first + count), projected.</summary>
    private void AddSlice(
        TileSource source, long tile, long endTile, long first, int count, int lanes, float* buffer, float* prepared,
        int* hashes, uint* words, float* sums)
    {
        NativeMemory.Clear(sums, (nuint)((count + lanes - 1) / lanes * (long)lanes * Dimension * sizeof(float)));
        bool begun = false;
        for (long index = tile; index < endTile; index++)
        {
            Tile at = source.At(index);
            CoordinateRuns runs = source.Runs(at);
            float* values = source.InPlace(at, out long step);
            bool fill = values is null;
            if (fill && (!begun || index % source.TilesDown == 0))
            {
                for (int e = 0; e < count; e++)
                    source.Prepare(index / source.TilesDown, !begun, first + e, prepared + (e * source.PreparedLength));
                begun = true;
            }

            for (int e = 0; e < count && fill; e++)
                source.Fill(at, first + e, prepared + (e * source.PreparedLength), buffer + ((long)e * (at.Length + Apart)));
            if (fill)
            {
                step = at.Length + Apart;
                values = buffer - (first * step);
            }

            for (int i = 0; i < at.Length; i += Chunk)
            {
                int length = Math.Min(Chunk, at.Length - i);
                Hash(runs, i, length, hashes, words);
                for (int e = 0; e < count; e += lanes)
                {
                    float* from = values + ((first + e) * step) + i, target = sums + ((long)e * Dimension);
                    if (lanes == 1) Scatter(from, hashes, length, target);
                    else LaneScatter.Add(lanes, from, step, Math.Min(lanes, count - e), hashes, _sparsity, length, Dimension, target);
                }
            }
        }
    }

    /// <summary>hashes[i, h] of elements [start, start + count): the column, with the sign in the sign bit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Hash(in CoordinateRuns runs, int start, int count, int* hashes, uint* words)
    {
        int sparsity = _sparsity;
        if (sparsity == 1)
        {
            runs.Hashes(Projection, start, count, hashes);
            return;
        }

        ulong k = (ulong)Dimension;
        for (int h = 0; h < sparsity; h += 4)
        {
            runs.Words(Projection, start, count, (uint)(h / 4), RandomEntries.SjltStream, words);
            int used = Math.Min(4, sparsity - h);
            for (int i = 0; i < count; i++)
            {
                int* target = hashes + ((long)i * sparsity) + h;
                for (int w = 0; w < used; w++)
                {
                    uint word = words[(4 * i) + w];
                    target[w] = (int)(((ulong)word * k) >> 32) | (int)(word << 31);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Scatter(float* values, int* hashes, int count, float* features)
    {
        int sparsity = _sparsity;
        for (int i = 0; i < count; i++)
        {
            int bits = BitConverter.SingleToInt32Bits(values[i]);
            for (int h = 0; h < sparsity; h++)
            {
                int hash = *hashes++;
                features[hash & int.MaxValue] += BitConverter.Int32BitsToSingle(bits ^ (hash & int.MinValue));
            }
        }
    }
}
