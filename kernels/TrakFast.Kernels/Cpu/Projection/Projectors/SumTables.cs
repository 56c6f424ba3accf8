using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TrakFast.Kernels;

/// <summary>
/// Rademacher sums by lookup in memory, for eight examples at once. Eight coordinates have 256 signed sums ±g₀…±g₇; one of
/// them for eight examples is a register of 32 bytes, all of them are 8 KiB. The eight sign bits of a column say which one
/// is added to the column's sums: one load and one addition for 64 products. Four tables, for 32 coordinates, stay in the
/// first-level cache while all columns pass by, and a column's four places come as one 64-bit word. The limit is two memory
/// accesses a cycle. AVX2. <see cref="PairSums"/> makes the same additions in the same order for fewer examples.
/// </summary>
internal static unsafe class SumTables
{
    /// <summary>Examples of a table.</summary>
    public const int Lanes = 8;

    /// <summary>Coordinates of four tables.</summary>
    public const int Step = 32;

    /// <summary>Floats of four tables.</summary>
    public const int Floats = 4 * TableFloats;

    private const int TableFloats = 256 * Lanes;

    /// <summary>Tells <see cref="Add{TFirst, TLast}"/> what to do.</summary>
    internal interface IFlag
    {
        /// <summary>Whether to do it.</summary>
        static abstract bool Value { get; }
    }

    /// <summary>
    /// Four tables: entry n of table t is the sum of coordinates 8t … 8t + 7, coordinate i negated if bit i of n is set, in
    /// the order ((0 + 1) + (2 + 3)) + ((4 + 5) + (6 + 7)). Coordinates and examples beyond the last are 0.
    /// </summary>
    /// <param name="values">Coordinates of the first example.</param>
    /// <param name="step">Floats between two examples.</param>
    /// <param name="examples">Examples, 1 to 8.</param>
    /// <param name="count">Coordinates, at least 1; those beyond the 32nd are not read.</param>
    /// <param name="tables">Receives the tables [4, 256, 8].</param>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Build(float* values, long step, int examples, int count, float* tables)
    {
        Vector256<float>* g = stackalloc Vector256<float>[Lanes];
        Vector256<float>* low = stackalloc Vector256<float>[16], high = stackalloc Vector256<float>[16];
        for (int t = 0; t < 4; t++, values += 8, count -= 8)
        {
            Load(values, step, examples, count, g);
            Sums(g, low);
            Sums(g + 4, high);
            for (int half = 0; half < 16; half += 8)
            {
                // One store a cycle is the limit, as long as what is stored comes from registers.
                Vector256<float> l0 = low[half], l1 = low[half + 1], l2 = low[half + 2], l3 = low[half + 3];
                Vector256<float> l4 = low[half + 4], l5 = low[half + 5], l6 = low[half + 6], l7 = low[half + 7];
                float* target = tables + (half * Lanes);
                for (int h = 0; h < 16; h++, target += 16 * Lanes)
                {
                    Vector256<float> upper = high[h];
                    (l0 + upper).Store(target);
                    (l1 + upper).Store(target + Lanes);
                    (l2 + upper).Store(target + (2 * Lanes));
                    (l3 + upper).Store(target + (3 * Lanes));
                    (l4 + upper).Store(target + (4 * Lanes));
                    (l5 + upper).Store(target + (5 * Lanes));
                    (l6 + upper).Store(target + (6 * Lanes));
                    (l7 + upper).Store(target + (7 * Lanes));
                }
            }

            tables += TableFloats;
        }
    }

    /// <summary>
    /// The words of 32 coordinates, four each, become the table places of 128 columns: 16-bit piece t of word
    /// <see cref="Place"/>(column) is 32 times the sign bits that coordinates 8t … 8t + 7 give to the column.
    /// </summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Places(uint* words, ulong* places)
    {
        // Bytes of the four tables' coordinates side by side: element b of row i holds columns 8b … 8b + 7 of coordinates i,
        // 8 + i, 16 + i, 24 + i.
        Vector256<uint>* rows = stackalloc Vector256<uint>[16];
        for (int i = 0; i < 8; i += 2)
        {
            Vector256<byte> w0 = Vector256.Load(words + (4 * i)).AsByte(), w1 = Vector256.Load(words + 32 + (4 * i)).AsByte();
            Vector256<byte> w2 = Vector256.Load(words + 64 + (4 * i)).AsByte(), w3 = Vector256.Load(words + 96 + (4 * i)).AsByte();
            Vector256<ushort> a = Avx2.UnpackLow(w0, w1).AsUInt16(), b = Avx2.UnpackHigh(w0, w1).AsUInt16();
            Vector256<ushort> c = Avx2.UnpackLow(w2, w3).AsUInt16(), d = Avx2.UnpackHigh(w2, w3).AsUInt16();
            Vector256<uint> q0 = Avx2.UnpackLow(a, c).AsUInt32(), q1 = Avx2.UnpackHigh(a, c).AsUInt32();
            Vector256<uint> q2 = Avx2.UnpackLow(b, d).AsUInt32(), q3 = Avx2.UnpackHigh(b, d).AsUInt32();
            rows[i] = Avx2.Permute2x128(q0, q1, 0x20);
            rows[i + 1] = Avx2.Permute2x128(q0, q1, 0x31);
            rows[8 + i] = Avx2.Permute2x128(q2, q3, 0x20);
            rows[9 + i] = Avx2.Permute2x128(q2, q3, 0x31);
        }

        for (int half = 0; half < 2; half++, rows += 8, places += 8)
        {
            Vector256<uint> r0 = rows[0], r1 = rows[1], r2 = rows[2], r3 = rows[3], r4 = rows[4], r5 = rows[5], r6 = rows[6], r7 = rows[7];
            Vector256<uint> keep = Vector256.Create(0x0F0F0F0Fu);
            Swap(ref r0, ref r4, 4, keep);
            Swap(ref r1, ref r5, 4, keep);
            Swap(ref r2, ref r6, 4, keep);
            Swap(ref r3, ref r7, 4, keep);
            keep = Vector256.Create(0x33333333u);
            Swap(ref r0, ref r2, 2, keep);
            Swap(ref r1, ref r3, 2, keep);
            Swap(ref r4, ref r6, 2, keep);
            Swap(ref r5, ref r7, 2, keep);
            keep = Vector256.Create(0x55555555u);
            Swap(ref r0, ref r1, 1, keep);
            Swap(ref r2, ref r3, 1, keep);
            Swap(ref r4, ref r5, 1, keep);
            Swap(ref r6, ref r7, 1, keep);
            Widen(r0, places);
            Widen(r1, places + 16);
            Widen(r2, places + 32);
            Widen(r3, places + 48);
            Widen(r4, places + 64);
            Widen(r5, places + 80);
            Widen(r6, places + 96);
            Widen(r7, places + 112);
        }
    }

    /// <summary>The place of a column of a block of 128 in the order in which the sums are kept.</summary>
    public static int Place(int column)
    {
        int octet = column / 8;
        return (column % 8 * 16) + (octet & 9) + ((octet & 2) << 1) + ((octet & 4) >> 1);
    }

    /// <summary>
    /// Adds four tables' entries to the sums [columns, 8] of a number of columns, a multiple of 2. The first time
    /// the sums begin at 0; the last time they are added to the totals.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Add<TFirst, TLast>(nint columns, ulong* places, float* tables, float* sums, float* totals)
        where TFirst : struct, IFlag
        where TLast : struct, IFlag
    {
        float* t1 = tables + TableFloats, t2 = t1 + TableFloats, t3 = t2 + TableFloats;
        for (ulong* end = places + columns; places < end; places += 2, sums += 2 * Lanes, totals += 2 * Lanes)
        {
            ulong p = places[0], q = places[1];
            Vector256<float> x = At(tables, p), y = At(tables, q);
            if (!TFirst.Value)
            {
                x += Vector256.Load(sums);
                y += Vector256.Load(sums + Lanes);
            }

            x += At(t1, p >> 16);
            y += At(t1, q >> 16);
            x += At(t2, p >> 32);
            y += At(t2, q >> 32);
            x += At(t3, p >> 48);
            y += At(t3, q >> 48);
            if (TLast.Value)
            {
                (x + Vector256.Load(totals)).Store(totals);
                (y + Vector256.Load(totals + Lanes)).Store(totals + Lanes);
                continue;
            }

            x.Store(sums);
            y.Store(sums + Lanes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> At(float* table, ulong place) => *(Vector256<float>*)((byte*)table + (nuint)(ushort)place);

    /// <summary>Exchanges the bits of a that the shifted mask selects with those of b that the mask does.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Swap(ref Vector256<uint> a, ref Vector256<uint> b, int shift, Vector256<uint> keep)
    {
        Vector256<uint> change = ((a >>> shift) ^ b) & keep;
        b ^= change;
        a ^= change << shift;
    }

    /// <summary>Bytes to 16 bits, times 32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Widen(Vector256<uint> row, ulong* places)
    {
        (Avx2.UnpackLow(row.AsByte(), Vector256<byte>.Zero).AsUInt16() << 5).AsUInt64().Store(places);
        (Avx2.UnpackHigh(row.AsByte(), Vector256<byte>.Zero).AsUInt16() << 5).AsUInt64().Store(places + 4);
    }

    /// <summary>g[i] is coordinate i of eight examples.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Load(float* values, long step, int examples, int count, Vector256<float>* g)
    {
        for (int e = 0; e < Lanes; e++)
        {
            if (e >= examples || count <= 0) g[e] = default;
            else if (count >= 8) g[e] = Vector256.Load(values + (e * step));
            else
            {
                g[e] = default;
                for (int i = 0; i < count; i++) ((float*)(g + e))[i] = values[(e * step) + i];
            }
        }

        Vector256<float> a0 = Avx.UnpackLow(g[0], g[1]),
            a1 = Avx.UnpackHigh(g[0], g[1]),
            a2 = Avx.UnpackLow(g[2], g[3]),
            a3 = Avx.UnpackHigh(g[2], g[3]);
        Vector256<float> a4 = Avx.UnpackLow(g[4], g[5]),
            a5 = Avx.UnpackHigh(g[4], g[5]),
            a6 = Avx.UnpackLow(g[6], g[7]),
            a7 = Avx.UnpackHigh(g[6], g[7]);
        Vector256<float> b0 = Avx.Shuffle(a0, a2, 0x44),
            b1 = Avx.Shuffle(a0, a2, 0xEE),
            b2 = Avx.Shuffle(a1, a3, 0x44),
            b3 = Avx.Shuffle(a1, a3, 0xEE);
        Vector256<float> b4 = Avx.Shuffle(a4, a6, 0x44),
            b5 = Avx.Shuffle(a4, a6, 0xEE),
            b6 = Avx.Shuffle(a5, a7, 0x44),
            b7 = Avx.Shuffle(a5, a7, 0xEE);
        g[0] = Avx.Permute2x128(b0, b4, 0x20);
        g[1] = Avx.Permute2x128(b1, b5, 0x20);
        g[2] = Avx.Permute2x128(b2, b6, 0x20);
        g[3] = Avx.Permute2x128(b3, b7, 0x20);
        g[4] = Avx.Permute2x128(b0, b4, 0x31);
        g[5] = Avx.Permute2x128(b1, b5, 0x31);
        g[6] = Avx.Permute2x128(b2, b6, 0x31);
        g[7] = Avx.Permute2x128(b3, b7, 0x31);
    }

    /// <summary>The 16 signed sums (±g₀ ± g₁) + (±g₂ ± g₃).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Sums(Vector256<float>* g, Vector256<float>* sums)
    {
        // Negation is exact and rounding symmetric: −g₀ + g₁ is the negative of g₀ − g₁.
        Vector256<float> s0 = g[0] + g[1], s1 = g[1] - g[0], s2 = g[2] + g[3], s3 = g[3] - g[2];
        sums[0] = s0 + s2;
        sums[1] = s1 + s2;
        sums[2] = s2 - s1;
        sums[3] = s2 - s0;
        sums[4] = s0 + s3;
        sums[5] = s1 + s3;
        sums[6] = s3 - s1;
        sums[7] = s3 - s0;
        for (int i = 0; i < 8; i++) sums[15 - i] = -sums[i];
    }

    /// <summary>Do it.</summary>
    internal readonly struct Yes : IFlag
    {
        /// <inheritdoc/>
        public static bool Value => true;
    }

    /// <summary>Do it not.</summary>
    internal readonly struct No : IFlag
    {
        /// <inheritdoc/>
        public static bool Value => false;
    }
}
