using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TrakFast.Kernels;

/// <summary>
/// Rademacher sums by lookup in registers, for few examples: two coordinates have four signed sums, which fill half a
/// register; the two sign bits of a column choose among them, eight columns an instruction. The additions and their order
/// are those of <see cref="SumTables"/>, which is faster from four examples on. AVX2.
/// </summary>
internal static unsafe class PairSums
{
    /// <summary>Coordinates whose sums are added at once.</summary>
    public const int Step = 8;

    /// <summary>Floats of the sums of eight coordinates.</summary>
    public const int Floats = 16;

    /// <summary>
    /// tables[g, 4, 4]: the sums ±a ± b of the pairs of coordinates 8g … 8g + 7; bit 0 of the place negates a, bit 1 b.
    /// Values beyond the count are 0.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Build(float* values, int count, float* tables)
    {
        Vector128<float> negateA = Vector128.Create(0f, -0f, 0f, -0f), negateB = Vector128.Create(0f, 0f, -0f, -0f);
        int padded = (count + Step - 1) / Step * Step, i = 0;
        for (; i <= count - 2; i += 2, tables += 4)
            ((Vector128.Create(values[i]) ^ negateA) + (Vector128.Create(values[i + 1]) ^ negateB)).Store(tables);
        for (; i < padded; i += 2, tables += 4)
            (Vector128.Create(i < count ? values[i] : 0) ^ negateA).Store(tables);
    }

    /// <summary>
    /// In place, for every group of eight coordinates: 8 × 128 bits become four registers, one for each pair. Lane 4l + d
    /// holds in bits 2j, 2j + 1 the signs that the pair gives to column 32d + 2j + l.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Places(uint* words, nint groups)
    {
        Vector256<uint> keep = Vector256.Create(0x55555555u);
        for (nint half = 0; half < 2 * groups; half++, words += 16)
        {
            Vector256<uint> w0 = Vector256.Load(words), w1 = Vector256.Load(words + 8);
            Vector256<uint> even = Avx2.Permute2x128(w0, w1, 0x20), odd = Avx2.Permute2x128(w0, w1, 0x31);
            Vector256<uint> change = ((even >>> 1) ^ odd) & keep;
            odd ^= change;
            even ^= change << 1;
            Avx2.Permute2x128(even, odd, 0x20).Store(words);
            Avx2.Permute2x128(even, odd, 0x31).Store(words + 8);
        }
    }

    /// <summary>The place of a column of a block of 128 in the order in which the sums are kept.</summary>
    public static int Place(int column) => (column % 32 / 2 * 8) + (column % 2 * 4) + (column / 32);

    /// <summary>Adds all 128 columns for one example.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void One(nint groups, int* places, float* tables, float* sums)
    {
        for (int shift = 0; shift < 32; shift += 8, sums += 32)
        {
            Vector256<float> s0 = default, s1 = default, s2 = default, s3 = default;
            Vector128<int> by = Vector128.CreateScalar(shift);
            int* at = places;
            float* table = tables;
            for (nint g = groups; g > 0; g--, at += 32, table += Floats)
            {
                Vector256<int> a = Avx2.ShiftRightLogical(Vector256.Load(at), by), b = Avx2.ShiftRightLogical(Vector256.Load(at + 8), by);
                Vector256<int> c = Avx2.ShiftRightLogical(Vector256.Load(at + 16), by),
                    d = Avx2.ShiftRightLogical(Vector256.Load(at + 24), by);
                s0 += Sum(table, a, b, c, d);
                s1 += Sum(table, a >>> 2, b >>> 2, c >>> 2, d >>> 2);
                s2 += Sum(table, a >>> 4, b >>> 4, c >>> 4, d >>> 4);
                s3 += Sum(table, a >>> 6, b >>> 6, c >>> 6, d >>> 6);
            }

            Store(s0, s1, s2, s3, sums);
        }
    }

    /// <summary>Adds all 128 columns for two examples.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Two(nint groups, int* places, float* tables0, float* tables1, float* sums0, float* sums1)
    {
        for (int shift = 0; shift < 32; shift += 8, sums0 += 32, sums1 += 32)
        {
            Vector256<float> s00 = default, s01 = default, s02 = default, s03 = default;
            Vector256<float> s10 = default, s11 = default, s12 = default, s13 = default;
            Vector128<int> by = Vector128.CreateScalar(shift);
            int* at = places;
            float* table0 = tables0, table1 = tables1;
            for (nint g = groups; g > 0; g--, at += 32, table0 += Floats, table1 += Floats)
            {
                Vector256<int> a = Avx2.ShiftRightLogical(Vector256.Load(at), by), b = Avx2.ShiftRightLogical(Vector256.Load(at + 8), by);
                Vector256<int> c = Avx2.ShiftRightLogical(Vector256.Load(at + 16), by),
                    d = Avx2.ShiftRightLogical(Vector256.Load(at + 24), by);
                s00 += Sum(table0, a, b, c, d);
                s10 += Sum(table1, a, b, c, d);
                (a, b, c, d) = (a >>> 2, b >>> 2, c >>> 2, d >>> 2);
                s01 += Sum(table0, a, b, c, d);
                s11 += Sum(table1, a, b, c, d);
                (a, b, c, d) = (a >>> 2, b >>> 2, c >>> 2, d >>> 2);
                s02 += Sum(table0, a, b, c, d);
                s12 += Sum(table1, a, b, c, d);
                (a, b, c, d) = (a >>> 2, b >>> 2, c >>> 2, d >>> 2);
                s03 += Sum(table0, a, b, c, d);
                s13 += Sum(table1, a, b, c, d);
            }

            Store(s00, s01, s02, s03, sums0);
            Store(s10, s11, s12, s13, sums1);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Sum(float* table, Vector256<int> a, Vector256<int> b, Vector256<int> c, Vector256<int> d) =>
        (Avx.PermuteVar(Avx.BroadcastVector128ToVector256(table), a) + Avx.PermuteVar(Avx.BroadcastVector128ToVector256(table + 4), b))
        + (Avx.PermuteVar(Avx.BroadcastVector128ToVector256(table + 8), c)
            + Avx.PermuteVar(Avx.BroadcastVector128ToVector256(table + 12), d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<float> s0, Vector256<float> s1, Vector256<float> s2, Vector256<float> s3, float* sums)
    {
        (Vector256.Load(sums) + s0).Store(sums);
        (Vector256.Load(sums + 8) + s1).Store(sums + 8);
        (Vector256.Load(sums + 16) + s2).Store(sums + 16);
        (Vector256.Load(sums + 24) + s3).Store(sums + 24);
    }
}
