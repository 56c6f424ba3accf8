using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TrakFast.Kernels;

// Word 0 alone, already taken to an SJLT hash: a quarter of the memory that all four words would go through.
public static unsafe partial class Philox
{
    /// <summary>Hashes that <see cref="Hashes"/> may write beyond the last one asked for.</summary>
    internal const int HashSlack = 16;

    /// <summary>
    /// SJLT's first hash of coordinates at equal distances, as <see cref="RandomEntries.Sjlt"/> defines it: the column, with the
    /// sign in the sign bit. Arguments as in <see cref="Fill"/>; room for <see cref="HashSlack"/> more.
    /// </summary>
    internal static void Hashes(
        uint key0, uint key1, long coordinate, long apart, int count, uint columnBlock, uint stream, uint k, int* hashes)
    {
        if (Simd.Avx512) Hashes512(key0, key1, (ulong)coordinate, (ulong)apart, count, columnBlock, stream, k, hashes);
        else if (Simd.Avx256) Hashes256(key0, key1, (ulong)coordinate, (ulong)apart, count, columnBlock, stream, k, hashes);
        else
        {
            ulong counter = (ulong)coordinate;
            for (int i = 0; i < count; i++, counter += (ulong)apart)
            {
                uint word = Block((uint)counter, (uint)(counter >> 32), columnBlock, stream, key0, key1).X;
                hashes[i] = (int)(((ulong)word * k) >> 32) | (int)(word << 31);
            }
        }
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Hashes256(
        uint key0, uint key1, ulong coordinate, ulong apart, int count, uint columnBlock, uint stream, uint k, int* hashes)
    {
        Vector256<uint>* k0 = stackalloc Vector256<uint>[RoundCount], k1 = stackalloc Vector256<uint>[RoundCount];
        for (uint round = 0; round < RoundCount; round++)
        {
            k0[round] = Vector256.Create(key0 + (round * Weyl0));
            k1[round] = Vector256.Create(key1 + (round * Weyl1));
        }

        Vector256<uint> m0 = Vector256.Create(Multiplier0), m1 = Vector256.Create(Multiplier1), dimension = Vector256.Create(k);
        Vector256<uint> block = Vector256.Create(columnBlock), third = Vector256.Create(stream);
        Vector256<ulong> counter = Vector256.Create(coordinate) + (Vector256.Create(0ul, 1, 2, 3) * apart),
            step = Vector256.Create(4 * apart);
        for (int i = 0; i < count; i += 8, hashes += 8)
        {
            Vector256<uint> a0 = counter.AsUInt32(), a1 = (counter >>> 32).AsUInt32(), a2 = block, a3 = third;
            counter += step;
            Vector256<uint> b0 = counter.AsUInt32(), b1 = (counter >>> 32).AsUInt32(), b2 = block, b3 = third;
            counter += step;
            for (int round = 0; round < RoundCount; round++)
            {
                Round(ref a0, ref a1, ref a2, ref a3, m0, m1, k0 + round, k1 + round);
                Round(ref b0, ref b1, ref b2, ref b3, m0, m1, k0 + round, k1 + round);
            }

            Vector256<ulong> x = (Avx2.Multiply(a0, dimension) >>> 32) | (a0.AsUInt64() << 31),
                y = (Avx2.Multiply(b0, dimension) >>> 32) | (b0.AsUInt64() << 31);
            Vector256.Narrow(x, y).AsInt32().Store(hashes);
        }
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Hashes512(
        uint key0, uint key1, ulong coordinate, ulong apart, int count, uint columnBlock, uint stream, uint k, int* hashes)
    {
        Vector512<uint>* k0 = stackalloc Vector512<uint>[RoundCount], k1 = stackalloc Vector512<uint>[RoundCount];
        for (uint round = 0; round < RoundCount; round++)
        {
            k0[round] = Vector512.Create(key0 + (round * Weyl0));
            k1[round] = Vector512.Create(key1 + (round * Weyl1));
        }

        Vector512<uint> m0 = Vector512.Create(Multiplier0), m1 = Vector512.Create(Multiplier1), dimension = Vector512.Create(k);
        Vector512<uint> block = Vector512.Create(columnBlock), third = Vector512.Create(stream);
        Vector512<ulong> counter = Vector512.Create(coordinate) + (Vector512.Create(0ul, 1, 2, 3, 4, 5, 6, 7) * apart),
            step = Vector512.Create(8 * apart);
        for (int i = 0; i < count; i += 16, hashes += 16)
        {
            Vector512<uint> a0 = counter.AsUInt32(), a1 = (counter >>> 32).AsUInt32(), a2 = block, a3 = third;
            counter += step;
            Vector512<uint> b0 = counter.AsUInt32(), b1 = (counter >>> 32).AsUInt32(), b2 = block, b3 = third;
            counter += step;
            for (int round = 0; round < RoundCount; round++)
            {
                Round(ref a0, ref a1, ref a2, ref a3, m0, m1, k0 + round, k1 + round);
                Round(ref b0, ref b1, ref b2, ref b3, m0, m1, k0 + round, k1 + round);
            }

            Vector512<ulong> x = (Avx512F.Multiply(a0, dimension) >>> 32) | (a0.AsUInt64() << 31),
                y = (Avx512F.Multiply(b0, dimension) >>> 32) | (b0.AsUInt64() << 31);
            Vector512.Narrow(x, y).AsInt32().Store(hashes);
        }
    }
}
