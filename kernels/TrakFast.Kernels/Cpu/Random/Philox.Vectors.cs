using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TrakFast.Kernels;

// The vector paths. A counter word sits in the low half of each 64-bit lane, because that is where the 32 × 32 → 64 bit
// multiplication reads it; the high half of a product is then one shift away and what the high halves hold is never read.
// Several chains run side by side to cover the latency of the multiplier.
public static unsafe partial class Philox
{
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Fill512(uint key0, uint key1, ulong coordinate, ulong apart, int count, uint columnBlock, uint stream, uint* target)
    {
        Vector512<uint>* k0 = stackalloc Vector512<uint>[RoundCount], k1 = stackalloc Vector512<uint>[RoundCount];
        for (uint round = 0; round < RoundCount; round++)
        {
            k0[round] = Vector512.Create(key0 + (round * Weyl0));
            k1[round] = Vector512.Create(key1 + (round * Weyl1));
        }

        Vector512<uint> m0 = Vector512.Create(Multiplier0), m1 = Vector512.Create(Multiplier1);
        Vector512<uint> block = Vector512.Create(columnBlock), third = Vector512.Create(stream);
        Vector512<ulong> counter = Vector512.Create(coordinate) + (Vector512.Create(0ul, 1, 2, 3, 4, 5, 6, 7) * apart),
            step = Vector512.Create(8 * apart);
        int i = 0;
        for (; i <= count - 32; i += 32, target += 128)
        {
            Vector512<uint> a0 = counter.AsUInt32(), a1 = (counter >>> 32).AsUInt32(), a2 = block, a3 = third;
            counter += step;
            Vector512<uint> b0 = counter.AsUInt32(), b1 = (counter >>> 32).AsUInt32(), b2 = block, b3 = third;
            counter += step;
            Vector512<uint> c0 = counter.AsUInt32(), c1 = (counter >>> 32).AsUInt32(), c2 = block, c3 = third;
            counter += step;
            Vector512<uint> d0 = counter.AsUInt32(), d1 = (counter >>> 32).AsUInt32(), d2 = block, d3 = third;
            counter += step;
            Round(ref a0, ref a1, ref a2, ref a3, m0, m1, k0 + 0, k1 + 0);
            Round(ref b0, ref b1, ref b2, ref b3, m0, m1, k0 + 0, k1 + 0);
            Round(ref c0, ref c1, ref c2, ref c3, m0, m1, k0 + 0, k1 + 0);
            Round(ref d0, ref d1, ref d2, ref d3, m0, m1, k0 + 0, k1 + 0);
            Round(ref a0, ref a1, ref a2, ref a3, m0, m1, k0 + 1, k1 + 1);
            Round(ref b0, ref b1, ref b2, ref b3, m0, m1, k0 + 1, k1 + 1);
            Round(ref c0, ref c1, ref c2, ref c3, m0, m1, k0 + 1, k1 + 1);
            Round(ref d0, ref d1, ref d2, ref d3, m0, m1, k0 + 1, k1 + 1);
            Round(ref a0, ref a1, ref a2, ref a3, m0, m1, k0 + 2, k1 + 2);
            Round(ref b0, ref b1, ref b2, ref b3, m0, m1, k0 + 2, k1 + 2);
            Round(ref c0, ref c1, ref c2, ref c3, m0, m1, k0 + 2, k1 + 2);
            Round(ref d0, ref d1, ref d2, ref d3, m0, m1, k0 + 2, k1 + 2);
            Round(ref a0, ref a1, ref a2, ref a3, m0, m1, k0 + 3, k1 + 3);
            Round(ref b0, ref b1, ref b2, ref b3, m0, m1, k0 + 3, k1 + 3);
            Round(ref c0, ref c1, ref c2, ref c3, m0, m1, k0 + 3, k1 + 3);
            Round(ref d0, ref d1, ref d2, ref d3, m0, m1, k0 + 3, k1 + 3);
            Round(ref a0, ref a1, ref a2, ref a3, m0, m1, k0 + 4, k1 + 4);
            Round(ref b0, ref b1, ref b2, ref b3, m0, m1, k0 + 4, k1 + 4);
            Round(ref c0, ref c1, ref c2, ref c3, m0, m1, k0 + 4, k1 + 4);
            Round(ref d0, ref d1, ref d2, ref d3, m0, m1, k0 + 4, k1 + 4);
            Round(ref a0, ref a1, ref a2, ref a3, m0, m1, k0 + 5, k1 + 5);
            Round(ref b0, ref b1, ref b2, ref b3, m0, m1, k0 + 5, k1 + 5);
            Round(ref c0, ref c1, ref c2, ref c3, m0, m1, k0 + 5, k1 + 5);
            Round(ref d0, ref d1, ref d2, ref d3, m0, m1, k0 + 5, k1 + 5);
            Round(ref a0, ref a1, ref a2, ref a3, m0, m1, k0 + 6, k1 + 6);
            Round(ref b0, ref b1, ref b2, ref b3, m0, m1, k0 + 6, k1 + 6);
            Round(ref c0, ref c1, ref c2, ref c3, m0, m1, k0 + 6, k1 + 6);
            Round(ref d0, ref d1, ref d2, ref d3, m0, m1, k0 + 6, k1 + 6);
            Round(ref a0, ref a1, ref a2, ref a3, m0, m1, k0 + 7, k1 + 7);
            Round(ref b0, ref b1, ref b2, ref b3, m0, m1, k0 + 7, k1 + 7);
            Round(ref c0, ref c1, ref c2, ref c3, m0, m1, k0 + 7, k1 + 7);
            Round(ref d0, ref d1, ref d2, ref d3, m0, m1, k0 + 7, k1 + 7);
            Round(ref a0, ref a1, ref a2, ref a3, m0, m1, k0 + 8, k1 + 8);
            Round(ref b0, ref b1, ref b2, ref b3, m0, m1, k0 + 8, k1 + 8);
            Round(ref c0, ref c1, ref c2, ref c3, m0, m1, k0 + 8, k1 + 8);
            Round(ref d0, ref d1, ref d2, ref d3, m0, m1, k0 + 8, k1 + 8);
            Round(ref a0, ref a1, ref a2, ref a3, m0, m1, k0 + 9, k1 + 9);
            Round(ref b0, ref b1, ref b2, ref b3, m0, m1, k0 + 9, k1 + 9);
            Round(ref c0, ref c1, ref c2, ref c3, m0, m1, k0 + 9, k1 + 9);
            Round(ref d0, ref d1, ref d2, ref d3, m0, m1, k0 + 9, k1 + 9);
            Store(a0, a1, a2, a3, target + 0);
            Store(b0, b1, b2, b3, target + 32);
            Store(c0, c1, c2, c3, target + 64);
            Store(d0, d1, d2, d3, target + 96);
        }

        for (; i < count; i += 8, target += 32)
        {
            Vector512<uint> a0 = counter.AsUInt32(), a1 = (counter >>> 32).AsUInt32(), a2 = block, a3 = third;
            counter += step;
            for (int round = 0; round < RoundCount; round++) Round(ref a0, ref a1, ref a2, ref a3, m0, m1, k0 + round, k1 + round);
            Store(a0, a1, a2, a3, target);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(
        ref Vector512<uint> c0, ref Vector512<uint> c1, ref Vector512<uint> c2, ref Vector512<uint> c3,
        Vector512<uint> m0, Vector512<uint> m1, Vector512<uint>* k0, Vector512<uint>* k1)
    {
        Vector512<ulong> p0 = Avx512F.Multiply(c0, m0), p1 = Avx512F.Multiply(c2, m1);
        c0 = Avx512F.TernaryLogic((p1 >>> 32).AsUInt32(), c1, *k0, 0x96);
        c2 = Avx512F.TernaryLogic((p0 >>> 32).AsUInt32(), c3, *k1, 0x96);
        c1 = p1.AsUInt32();
        c3 = p0.AsUInt32();
    }

    /// <summary>Writes eight coordinates of four words in order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector512<uint> c0, Vector512<uint> c1, Vector512<uint> c2, Vector512<uint> c3, uint* target)
    {
        Vector512<uint> low = Vector512.Create(0xFFFFFFFFul).AsUInt32();
        Vector512<ulong> x = Avx512F.TernaryLogic(low, c0, (c1.AsUInt64() << 32).AsUInt32(), 0xCA).AsUInt64();
        Vector512<ulong> y = Avx512F.TernaryLogic(low, c2, (c3.AsUInt64() << 32).AsUInt32(), 0xCA).AsUInt64();
        Avx512F.PermuteVar8x64x2(x, Vector512.Create(0ul, 8, 1, 9, 2, 10, 3, 11), y).AsUInt32().Store(target);
        Avx512F.PermuteVar8x64x2(x, Vector512.Create(4ul, 12, 5, 13, 6, 14, 7, 15), y).AsUInt32().Store(target + 16);
    }

    private static void Fill256(uint key0, uint key1, ulong coordinate, ulong apart, int count, uint columnBlock, uint stream, uint* target)
    {
        while (count > 0)
        {
            // Coordinates until the low half overflows.
            ulong untilCarry = apart == 0 ? int.MaxValue : ((1ul << 32) - (uint)coordinate + apart - 1) / apart;
            int some = (int)Math.Min((ulong)count, untilCarry);
            Fill256((uint)coordinate, (uint)(coordinate >> 32), (uint)apart, some, columnBlock, stream, key0, key1, target);
            count -= some;
            coordinate += (ulong)some * apart;
            target += 4L * some;
        }
    }

    /// <summary>
    /// Twelve coordinates at a time, of which only the low half changes. Half of the first three rounds is then the same for all
    /// of them and is done beforehand: what does not change is folded into the keys.
    /// </summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Fill256(
        uint low, uint high, uint apart, int count, uint columnBlock, uint stream, uint key0, uint key1, uint* target)
    {
        Vector256<uint>* k0 = stackalloc Vector256<uint>[RoundCount], k1 = stackalloc Vector256<uint>[RoundCount];
        for (uint round = 0; round < RoundCount; round++)
        {
            k0[round] = Vector256.Create(key0 + (round * Weyl0));
            k1[round] = Vector256.Create(key1 + (round * Weyl1));
        }

        // Words 0 and 1 after round 0 and word 3 after round 1 do not depend on the coordinate's low half.
        ulong product1 = (ulong)Multiplier1 * columnBlock, product0 = (ulong)Multiplier0 * ((uint)(product1 >> 32) ^ high ^ key0);
        Vector256<uint>* folded = stackalloc Vector256<uint>[4];
        folded[0] = Vector256.Create(stream) ^ k1[0];
        folded[1] = Vector256.Create((uint)product1) ^ k0[1];
        folded[2] = Vector256.Create((uint)(product0 >> 32)) ^ k1[1];
        folded[3] = Vector256.Create((uint)product0) ^ k1[2];

        // Coordinates 0, 2 in the lower lane and 1, 3 in the upper one come out in order.
        Vector256<uint> m0 = Vector256.Create(Multiplier0), m1 = Vector256.Create(Multiplier1);
        Vector256<uint> counter = Vector256.Create(low) + (Vector256.Create(0u, 0, 2, 0, 1, 0, 3, 0) * apart),
            four = Vector256.Create(4 * apart);
        int i = 0;
        for (; count - i > 4; i += 12, target += 48)
        {
            Vector256<uint> a0 = counter;
            counter += four;
            Vector256<uint> b0 = counter;
            counter += four;
            Vector256<uint> c0 = counter;
            counter += four;
            Start(ref a0, out Vector256<uint> a1, out Vector256<uint> a2, out Vector256<uint> a3, m0, m1, folded, *(k0 + 2));
            Start(ref b0, out Vector256<uint> b1, out Vector256<uint> b2, out Vector256<uint> b3, m0, m1, folded, *(k0 + 2));
            Start(ref c0, out Vector256<uint> c1, out Vector256<uint> c2, out Vector256<uint> c3, m0, m1, folded, *(k0 + 2));
            Round(ref a0, ref a1, ref a2, ref a3, m0, m1, k0 + 3, k1 + 3);
            Round(ref b0, ref b1, ref b2, ref b3, m0, m1, k0 + 3, k1 + 3);
            Round(ref c0, ref c1, ref c2, ref c3, m0, m1, k0 + 3, k1 + 3);
            Round(ref a0, ref a1, ref a2, ref a3, m0, m1, k0 + 4, k1 + 4);
            Round(ref b0, ref b1, ref b2, ref b3, m0, m1, k0 + 4, k1 + 4);
            Round(ref c0, ref c1, ref c2, ref c3, m0, m1, k0 + 4, k1 + 4);
            Round(ref a0, ref a1, ref a2, ref a3, m0, m1, k0 + 5, k1 + 5);
            Round(ref b0, ref b1, ref b2, ref b3, m0, m1, k0 + 5, k1 + 5);
            Round(ref c0, ref c1, ref c2, ref c3, m0, m1, k0 + 5, k1 + 5);
            Round(ref a0, ref a1, ref a2, ref a3, m0, m1, k0 + 6, k1 + 6);
            Round(ref b0, ref b1, ref b2, ref b3, m0, m1, k0 + 6, k1 + 6);
            Round(ref c0, ref c1, ref c2, ref c3, m0, m1, k0 + 6, k1 + 6);
            Round(ref a0, ref a1, ref a2, ref a3, m0, m1, k0 + 7, k1 + 7);
            Round(ref b0, ref b1, ref b2, ref b3, m0, m1, k0 + 7, k1 + 7);
            Round(ref c0, ref c1, ref c2, ref c3, m0, m1, k0 + 7, k1 + 7);
            Round(ref a0, ref a1, ref a2, ref a3, m0, m1, k0 + 8, k1 + 8);
            Round(ref b0, ref b1, ref b2, ref b3, m0, m1, k0 + 8, k1 + 8);
            Round(ref c0, ref c1, ref c2, ref c3, m0, m1, k0 + 8, k1 + 8);
            Round(ref a0, ref a1, ref a2, ref a3, m0, m1, k0 + 9, k1 + 9);
            Round(ref b0, ref b1, ref b2, ref b3, m0, m1, k0 + 9, k1 + 9);
            Round(ref c0, ref c1, ref c2, ref c3, m0, m1, k0 + 9, k1 + 9);
            Store(a0, a1, a2, a3, target + 0);
            Store(b0, b1, b2, b3, target + 16);
            Store(c0, c1, c2, c3, target + 32);
        }

        for (; i < count; i += 4, target += 16)
        {
            Vector256<uint> a0 = counter;
            counter += four;
            Start(ref a0, out Vector256<uint> a1, out Vector256<uint> a2, out Vector256<uint> a3, m0, m1, folded, *(k0 + 2));
            for (int round = 3; round < RoundCount; round++) Round(ref a0, ref a1, ref a2, ref a3, m0, m1, k0 + round, k1 + round);
            Store(a0, a1, a2, a3, target);
        }
    }

    /// <summary>Rounds 0 to 2 without what all coordinates share.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Start(
        ref Vector256<uint> c0, out Vector256<uint> c1, out Vector256<uint> c2, out Vector256<uint> c3,
        Vector256<uint> m0, Vector256<uint> m1, Vector256<uint>* folded, Vector256<uint> key)
    {
        Vector256<ulong> p0 = Avx2.Multiply(c0, m0);
        Vector256<ulong> p1 = Avx2.Multiply((p0 >>> 32).AsUInt32() ^ folded[0], m1);
        c0 = (p1 >>> 32).AsUInt32() ^ folded[1];
        c2 = p0.AsUInt32() ^ folded[2];
        c1 = p1.AsUInt32();
        p0 = Avx2.Multiply(c0, m0);
        p1 = Avx2.Multiply(c2, m1);
        c0 = (c1 ^ key) ^ (p1 >>> 32).AsUInt32();
        c2 = folded[3] ^ (p0 >>> 32).AsUInt32();
        c1 = p1.AsUInt32();
        c3 = p0.AsUInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(
        ref Vector256<uint> c0, ref Vector256<uint> c1, ref Vector256<uint> c2, ref Vector256<uint> c3,
        Vector256<uint> m0, Vector256<uint> m1, Vector256<uint>* k0, Vector256<uint>* k1)
    {
        Vector256<ulong> p0 = Avx2.Multiply(c0, m0), p1 = Avx2.Multiply(c2, m1);
        c0 = (c1 ^ *k0) ^ (p1 >>> 32).AsUInt32();
        c2 = (c3 ^ *k1) ^ (p0 >>> 32).AsUInt32();
        c1 = p1.AsUInt32();
        c3 = p0.AsUInt32();
    }

    /// <summary>Writes four coordinates of four words, which lie in the low halves of 64-bit lanes in the order 0, 2, 1, 3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<uint> c0, Vector256<uint> c1, Vector256<uint> c2, Vector256<uint> c3, uint* target)
    {
        Vector256<float> x = Avx.Shuffle(c0.AsSingle(), c1.AsSingle(), 0x88), y = Avx.Shuffle(c2.AsSingle(), c3.AsSingle(), 0x88);
        Avx.Shuffle(x, y, 0x88).AsUInt32().Store(target);
        Avx.Shuffle(x, y, 0xDD).AsUInt32().Store(target + 8);
    }
}
