using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TrakFast.Kernels;

/// <summary>
/// Sparse Johnson–Lindenstrauss: every coordinate is added, with a sign, to s columns. Parallel over groups of
/// examples. With AVX-512 every 16 of a group keep their features interleaved, [k, 16], and the gradient is transposed in registers,
/// so that one hash moves a whole vector. Every column is summed in the order of coordinates on either path.
/// </summary>
internal sealed unsafe class SjltProjector(Projection projection, Workers workers, ScratchPool pool)
    : Projector(projection, workers, pool)
{
    private const int Lanes = 16;

    /// <summary>Coordinates whose hashes are made at once; they stay in the first-level cache.</summary>
    private const int Chunk = 1024;

    /// <summary>Floats in the second-level cache, with room for other things.</summary>
    private const int CacheFloats = 128 << 10;

    /// <summary>Examples below which a vector would be mostly empty.</summary>
    private const int FewestInterleaved = 4;

    private readonly int _sparsity = projection.Sparsity;

    /// <inheritdoc/>
    public override void Project(TileSource source, float* features)
    {
        int size = Math.Clamp((source.Batch + Workers.Threads - 1) / Workers.Threads, 1, GroupSize(source));
        long groups = (source.Batch + size - 1) / size;
        Workers.Run(groups, 1, (start, end) =>
        {
            using ScratchPool.Lease tileLease = Pool.Rent((long)source.TileLength * size), scratchLease = Pool.Rent(source.ScratchLength);
            using ScratchPool.Lease hashLease = Pool.Rent(HashLength), wordLease = Pool.Rent(WordLength), featureLease = Pool.Rent((long)Dimension * (size + Lanes));
            for (long group = start; group < end; group++)
            {
                long first = group * size;
                Group(
                    source, first, (int)Math.Min(size, source.Batch - first), features + (first * Dimension),
                    tileLease.Pointer, scratchLease.Pointer, (int*)hashLease.Pointer, (uint*)wordLease.Pointer, featureLease.Pointer);
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
            using ScratchPool.Lease hashLease = Pool.Rent(HashLength), wordLease = Pool.Rent(WordLength);
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

    /// <summary>Examples that share hashes: as many as leave features and tile in the second-level cache, at least a vector.</summary>
    private int GroupSize(TileSource source) => (int)Math.Clamp(CacheFloats / Math.Max(Dimension, source.TileLength) / Lanes, 1, 4) * Lanes;

    /// <summary>Room to look a vector ahead of the last hash.</summary>
    private long HashLength => ((long)Chunk * _sparsity) + Lanes;

    private static long WordLength => (Chunk * 4) + Philox.Slack;

    private void Group(
        TileSource source, long first, int count, float* features, float* buffer, float* scratch, int* hashes, uint* words, float* interleaved)
    {
        // Interleaving costs two passes over the features, which a block much shorter than k does not earn back.
        bool transpose = Simd.Avx512 && count >= FewestInterleaved && source.Length * 4 >= Dimension;
        for (int e = 0; e < count && transpose; e += Lanes)
            Interleave(features + ((long)e * Dimension), Math.Min(Lanes, count - e), interleaved + ((long)e * Dimension));
        for (long index = 0; index < source.Count; index++)
        {
            Tile tile = source.At(index);
            CoordinateRuns runs = source.Runs(tile);
            float* values = source.InPlace(tile, out long step);
            if (values is not null)
            {
                values += first * step;
            }
            else
            {
                values = buffer;
                step = tile.Length;
                for (int e = 0; e < count; e++) source.Fill(tile, first + e, buffer + (e * step), scratch);
            }

            for (int i = 0; i < tile.Length; i += Chunk)
            {
                int length = Math.Min(Chunk, tile.Length - i);
                Hash(runs, i, length, hashes, words);
                for (int e = 0; e < count && transpose; e += Lanes)
                    ScatterLanes(values + i + (e * step), step, Math.Min(Lanes, count - e), hashes, length, interleaved + ((long)e * Dimension));
                for (int e = 0; e < count && !transpose; e++) Scatter(values + i + (e * step), hashes, length, features + ((long)e * Dimension));
            }
        }

        for (int e = 0; e < count && transpose; e += Lanes)
            Separate(interleaved + ((long)e * Dimension), Math.Min(Lanes, count - e), features + ((long)e * Dimension));
    }

    /// <summary>hashes[i, h] of elements [start, start + count): the column, with the sign in the sign bit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Hash(in CoordinateRuns runs, int start, int count, int* hashes, uint* words)
    {
        ulong k = (ulong)Dimension;
        int sparsity = _sparsity;
        for (int h = 0; h < sparsity; h += 4)
        {
            runs.Words(Projection, start, count, (uint)(h / 4), RandomEntries.SjltStream, words);
            int used = Math.Min(4, sparsity - h), i = 0;
            if (sparsity == 1 && Simd.Avx512)
            {
                // Word 0 of eight coordinates at a time, in the low halves of 64-bit lanes.
                Vector512<ulong> first = Vector512.Create(0ul, 2, 4, 6, 8, 10, 12, 14);
                Vector512<uint> dimension = Vector512.Create((uint)k);
                for (; i <= count - 8; i += 8)
                {
                    Vector512<ulong> word = Avx512F.PermuteVar8x64x2(Vector512.Load(words + (4 * i)).AsUInt64(), first, Vector512.Load(words + (4 * i) + 16).AsUInt64());
                    Vector512<ulong> bucket = Avx512F.Multiply(word.AsUInt32(), dimension) >>> 32;
                    Avx512F.ConvertToVector256Int32((bucket | (word << 31)).AsInt64()).Store(hashes + i);
                }
            }

            for (; i < count; i++)
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

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ScatterLanes(float* values, long step, int lanes, int* hashes, int count, float* interleaved)
    {
        Vector512<float>* t = stackalloc Vector512<float>[Lanes];
        int sparsity = _sparsity, i = 0;
        bool fetch = Dimension >= CacheFloats / Lanes;
        for (; i <= count - Lanes; i += Lanes)
        {
            Transpose16.Load(values + i, (nint)step, lanes, t);
            if (sparsity == 1)
            {
                // Fetching ahead pays once the features outgrow the second-level cache; behind the last hash it does no harm.
                for (int j = 0; j < Lanes && fetch; j++) Sse.Prefetch0(interleaved + ((nint)(hashes[j + Lanes] & int.MaxValue) * Lanes));
                for (int j = 0; j < Lanes; j++) AddLanes(t[j], hashes[j], interleaved);
                hashes += Lanes;
                continue;
            }

            for (int j = 0; j < Lanes; j++)
            {
                for (int h = 0; h < sparsity; h++) AddLanes(t[j], *hashes++, interleaved);
            }
        }

        for (; i < count; i++)
        {
            Vector512<float> value = default;
            for (int e = 0; e < lanes; e++) value = value.WithElement(e, values[i + (e * step)]);
            for (int h = 0; h < sparsity; h++) AddLanes(value, *hashes++, interleaved);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddLanes(Vector512<float> value, int hash, float* interleaved)
    {
        float* column = interleaved + ((nint)(hash & int.MaxValue) * Lanes);
        (Vector512.Load(column) + (value.AsInt32() ^ Vector512.Create(hash & int.MinValue)).AsSingle()).Store(column);
    }

    private void Interleave(float* features, int count, float* interleaved)
    {
        int j = 0;
        for (; j <= Dimension - Lanes; j += Lanes) Transpose16.Run(features + j, Dimension, count, interleaved + ((long)j * Lanes), Lanes);
        for (; j < Dimension; j++)
        {
            for (int e = 0; e < Lanes; e++) interleaved[((long)j * Lanes) + e] = e < count ? features[((long)e * Dimension) + j] : 0;
        }
    }

    [SkipLocalsInit]
    private void Separate(float* interleaved, int count, float* features)
    {
        Vector512<float>* t = stackalloc Vector512<float>[Lanes];
        int j = 0;
        for (; j <= Dimension - Lanes; j += Lanes)
        {
            Transpose16.Load(interleaved + ((long)j * Lanes), Lanes, Lanes, t);
            for (int e = 0; e < count; e++) t[e].Store(features + ((long)e * Dimension) + j);
        }

        for (; j < Dimension; j++)
        {
            for (int e = 0; e < count; e++) features[((long)e * Dimension) + j] = interleaved[((long)j * Lanes) + e];
        }
    }
}
