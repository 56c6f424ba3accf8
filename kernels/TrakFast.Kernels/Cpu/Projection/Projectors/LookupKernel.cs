using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TrakFast.Kernels;

/// <summary>
/// Rademacher sums by table lookup. Four coordinates of an example have 16 signed sums ±g₀±g₁±g₂±g₃, which fill one
/// register; the four sign bits of a column choose among them, 16 columns an instruction, so four multiply-adds become one
/// permutation and one addition. Exact: the entries are ±1, and the order of additions is fixed. Every second addition is
/// written as x·1 + y, which rounds the same and runs on the other port. AVX-512 only.
/// </summary>
internal static unsafe class LookupKernel
{
    /// <summary>
    /// tables[g, 16]: entry n is the sum of values 4g … 4g+3, with value i negated if bit i of n is set. The next example's
    /// table follows <paramref name="step"/> floats on, so that examples interleave. Values beyond the count are 0.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tables(float* values, int count, float* tables, int step)
    {
        Vector512<float> s0 = Vector512.Create(1f, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1);
        Vector512<float> s1 = Vector512.Create(1f, 1, -1, -1, 1, 1, -1, -1, 1, 1, -1, -1, 1, 1, -1, -1);
        Vector512<float> s2 = Vector512.Create(1f, 1, 1, 1, -1, -1, -1, -1, 1, 1, 1, 1, -1, -1, -1, -1);
        Vector512<float> s3 = Vector512.Create(1f, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1, -1);
        float* rest = stackalloc float[4];
        for (; count > 0; count -= 4, values += 4, tables += step)
        {
            if (count < 4)
            {
                for (int i = 0; i < 4; i++) rest[i] = i < count ? values[i] : 0;
                values = rest;
            }

            Vector512<float> sum = Vector512.Create(values[0]) * s0;
            sum = Avx512F.FusedMultiplyAdd(Vector512.Create(values[1]), s1, sum);
            sum = Avx512F.FusedMultiplyAdd(Vector512.Create(values[2]), s2, sum);
            sum = Avx512F.FusedMultiplyAdd(Vector512.Create(values[3]), s3, sum);
            sum.Store(tables);
        }
    }

    /// <summary>
    /// In place, for every group of four coordinates: 4 × 128 bits become indices. Lane 4l + d then holds in bits
    /// 4j … 4j+3 the signs that the four coordinates give to column 32d + 4j + l: a 4 × 4 bit transposition across the
    /// register's quarters, in two rounds of rotate and merge.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Indices(uint* words, nint groups)
    {
        Vector512<uint> rotate1 = Vector512.Create(1u, 1, 1, 1, 31, 31, 31, 31, 1, 1, 1, 1, 31, 31, 31, 31);
        Vector512<uint> keep1 = Vector512.Create(
            0x55555555u, 0x55555555, 0x55555555, 0x55555555, 0xAAAAAAAA, 0xAAAAAAAA, 0xAAAAAAAA, 0xAAAAAAAA,
            0x55555555, 0x55555555, 0x55555555, 0x55555555, 0xAAAAAAAA, 0xAAAAAAAA, 0xAAAAAAAA, 0xAAAAAAAA);
        Vector512<uint> rotate2 = Vector512.Create(2u, 2, 2, 2, 2, 2, 2, 2, 30, 30, 30, 30, 30, 30, 30, 30);
        Vector512<uint> keep2 = Vector512.Create(Vector256.Create(0x33333333u), Vector256.Create(0xCCCCCCCCu));
        for (; groups > 0; groups--, words += 16)
        {
            Vector512<uint> z = Vector512.Load(words);
            z = Avx512F.TernaryLogic(keep1, z, Avx512F.RotateLeftVariable(Avx512F.Shuffle4x128(z, z, 0xB1), rotate1), 0xCA);
            z = Avx512F.TernaryLogic(keep2, z, Avx512F.RotateLeftVariable(Avx512F.Shuffle4x128(z, z, 0x4E), rotate2), 0xCA);
            z.Store(words);
        }
    }

    /// <summary>The place of a column of a block of 128 in the order in which the sums are kept.</summary>
    public static int Place(int column) => (16 * (column % 32 / 4)) + (4 * (column % 4)) + (column / 32);

    /// <summary>
    /// Adds 64 columns for four examples whose tables interleave; shift 0 for the first half of the block, 16 for the second.
    /// </summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Four(nint groups, int* indices, float* tables, int shift, float* c0, float* c1, float* c2, float* c3)
    {
        Vector512<float> s00 = default, s01 = default, s02 = default, s03 = default;
        Vector512<float> s10 = default, s11 = default, s12 = default, s13 = default;
        Vector512<float> s20 = default, s21 = default, s22 = default, s23 = default;
        Vector512<float> s30 = default, s31 = default, s32 = default, s33 = default;
        Vector512<float> one = Vector512.Create(1f);
        Vector128<int> by = Vector128.CreateScalar(shift);
        for (; groups > 0; groups--, indices += 16, tables += 64)
        {
            Vector512<int> i0 = Avx512F.ShiftRightLogical(Vector512.Load(indices), by);
            Vector512<int> i1 = i0 >>> 4, i2 = i0 >>> 8, i3 = i0 >>> 12;
            Vector512<float> t0 = Vector512.Load(tables + 0);
            s00 += Avx512F.PermuteVar16x32(t0, i0);
            s01 = Avx512F.FusedMultiplyAdd(Avx512F.PermuteVar16x32(t0, i1), one, s01);
            s02 += Avx512F.PermuteVar16x32(t0, i2);
            s03 = Avx512F.FusedMultiplyAdd(Avx512F.PermuteVar16x32(t0, i3), one, s03);
            Vector512<float> t1 = Vector512.Load(tables + 16);
            s10 = Avx512F.FusedMultiplyAdd(Avx512F.PermuteVar16x32(t1, i0), one, s10);
            s11 += Avx512F.PermuteVar16x32(t1, i1);
            s12 = Avx512F.FusedMultiplyAdd(Avx512F.PermuteVar16x32(t1, i2), one, s12);
            s13 += Avx512F.PermuteVar16x32(t1, i3);
            Vector512<float> t2 = Vector512.Load(tables + 32);
            s20 += Avx512F.PermuteVar16x32(t2, i0);
            s21 = Avx512F.FusedMultiplyAdd(Avx512F.PermuteVar16x32(t2, i1), one, s21);
            s22 += Avx512F.PermuteVar16x32(t2, i2);
            s23 = Avx512F.FusedMultiplyAdd(Avx512F.PermuteVar16x32(t2, i3), one, s23);
            Vector512<float> t3 = Vector512.Load(tables + 48);
            s30 = Avx512F.FusedMultiplyAdd(Avx512F.PermuteVar16x32(t3, i0), one, s30);
            s31 += Avx512F.PermuteVar16x32(t3, i1);
            s32 = Avx512F.FusedMultiplyAdd(Avx512F.PermuteVar16x32(t3, i2), one, s32);
            s33 += Avx512F.PermuteVar16x32(t3, i3);
        }

        (Vector512.Load(c0 + 0) + s00).Store(c0 + 0);
        (Vector512.Load(c0 + 16) + s01).Store(c0 + 16);
        (Vector512.Load(c0 + 32) + s02).Store(c0 + 32);
        (Vector512.Load(c0 + 48) + s03).Store(c0 + 48);
        (Vector512.Load(c1 + 0) + s10).Store(c1 + 0);
        (Vector512.Load(c1 + 16) + s11).Store(c1 + 16);
        (Vector512.Load(c1 + 32) + s12).Store(c1 + 32);
        (Vector512.Load(c1 + 48) + s13).Store(c1 + 48);
        (Vector512.Load(c2 + 0) + s20).Store(c2 + 0);
        (Vector512.Load(c2 + 16) + s21).Store(c2 + 16);
        (Vector512.Load(c2 + 32) + s22).Store(c2 + 32);
        (Vector512.Load(c2 + 48) + s23).Store(c2 + 48);
        (Vector512.Load(c3 + 0) + s30).Store(c3 + 0);
        (Vector512.Load(c3 + 16) + s31).Store(c3 + 16);
        (Vector512.Load(c3 + 32) + s32).Store(c3 + 32);
        (Vector512.Load(c3 + 48) + s33).Store(c3 + 48);
    }

    /// <summary>Adds all 128 columns for one example; shift is 0. The same additions in the same order as <see cref="Four"/>.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void One(nint groups, int* indices, float* tables, int shift, float* c0)
    {
        Vector512<float> s00 = default, s01 = default, s02 = default, s03 = default, s04 = default,
            s05 = default, s06 = default, s07 = default;
        Vector512<float> one = Vector512.Create(1f);
        Vector128<int> by = Vector128.CreateScalar(shift);
        for (; groups > 0; groups--, indices += 16, tables += 16)
        {
            Vector512<int> i0 = Avx512F.ShiftRightLogical(Vector512.Load(indices), by);
            Vector512<int> i1 = i0 >>> 4, i2 = i0 >>> 8, i3 = i0 >>> 12, i4 = i0 >>> 16, i5 = i0 >>> 20, i6 = i0 >>> 24, i7 = i0 >>> 28;
            Vector512<float> t0 = Vector512.Load(tables + 0);
            s00 += Avx512F.PermuteVar16x32(t0, i0);
            s01 = Avx512F.FusedMultiplyAdd(Avx512F.PermuteVar16x32(t0, i1), one, s01);
            s02 += Avx512F.PermuteVar16x32(t0, i2);
            s03 = Avx512F.FusedMultiplyAdd(Avx512F.PermuteVar16x32(t0, i3), one, s03);
            s04 += Avx512F.PermuteVar16x32(t0, i4);
            s05 = Avx512F.FusedMultiplyAdd(Avx512F.PermuteVar16x32(t0, i5), one, s05);
            s06 += Avx512F.PermuteVar16x32(t0, i6);
            s07 = Avx512F.FusedMultiplyAdd(Avx512F.PermuteVar16x32(t0, i7), one, s07);
        }

        (Vector512.Load(c0 + 0) + s00).Store(c0 + 0);
        (Vector512.Load(c0 + 16) + s01).Store(c0 + 16);
        (Vector512.Load(c0 + 32) + s02).Store(c0 + 32);
        (Vector512.Load(c0 + 48) + s03).Store(c0 + 48);
        (Vector512.Load(c0 + 64) + s04).Store(c0 + 64);
        (Vector512.Load(c0 + 80) + s05).Store(c0 + 80);
        (Vector512.Load(c0 + 96) + s06).Store(c0 + 96);
        (Vector512.Load(c0 + 112) + s07).Store(c0 + 112);
    }
}
