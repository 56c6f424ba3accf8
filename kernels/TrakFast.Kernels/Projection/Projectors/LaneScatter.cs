using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TrakFast.Kernels;

/// <summary>
/// SJLT's inner loop: gradients of a vector of examples are transposed in registers, so that one hash moves all of them, and
/// added to sums that lie example beside example, [k, lanes]. Every sum is taken in the order of the elements.
/// </summary>
internal static unsafe class LaneScatter
{
    /// <summary>Lanes that hashes are looked ahead by, and that may lie behind the last one.</summary>
    public const int Ahead = 16;

    /// <summary>Floats of sums from which on fetching ahead pays: they outgrow the second-level cache.</summary>
    private const long Large = 64 << 10;

    /// <summary>Whether lanes are faster than one example after the other.</summary>
    public static bool Supported => Simd.Avx256;

    /// <summary>Examples that lie side by side: a vector, or half of one where a batch has no more.</summary>
    public static int Lanes(long examples) => Simd.Avx512 && examples > 8 ? 16 : 8;

    /// <summary>sums[column of hash, e] += ± values[e, i], for each of the <paramref name="sparsity"/> hashes of each element i.</summary>
    /// <param name="lanes">What <see cref="Lanes"/> gave.</param>
    /// <param name="values">Element i of example e at e·step + i.</param>
    /// <param name="step">Elements between examples.</param>
    /// <param name="examples">Examples, at most as many as lanes.</param>
    /// <param name="hashes">[count, sparsity], and <see cref="Ahead"/> more that are read but not used.</param>
    /// <param name="sparsity">Hashes of an element.</param>
    /// <param name="count">Elements.</param>
    /// <param name="dimension">Columns k.</param>
    /// <param name="sums">[k, lanes].</param>
    public static void Add(int lanes, float* values, long step, int examples, int* hashes, int sparsity, int count, int dimension, float* sums)
    {
        bool ahead = (long)dimension * lanes > Large && sparsity == 1;
        if (lanes == 16) Add16(values, (nint)step, examples, hashes, sparsity, count, ahead, sums);
        else Add8(values, (nint)step, examples, hashes, sparsity, count, ahead, sums);
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add16(float* values, nint step, int examples, int* hashes, int sparsity, int count, bool ahead, float* sums)
    {
        Vector512<float>* t = stackalloc Vector512<float>[16];
        int i = 0;
        for (; i <= count - 16; i += 16)
        {
            Transpose16.Load(values + i, step, examples, t);
            if (sparsity == 1)
            {
                for (int j = 0; j < 16 && ahead; j++) Sse.Prefetch0(sums + ((nint)(hashes[j + Ahead] & int.MaxValue) * 16));
                for (int j = 0; j < 16; j++) Add(t[j], hashes[j], sums);
                hashes += 16;
                continue;
            }

            for (int j = 0; j < 16; j++)
            {
                for (int h = 0; h < sparsity; h++) Add(t[j], *hashes++, sums);
            }
        }

        for (; i < count; i++)
        {
            Vector512<float> value = default;
            for (int e = 0; e < examples; e++) value = value.WithElement(e, values[i + (e * step)]);
            for (int h = 0; h < sparsity; h++) Add(value, *hashes++, sums);
        }
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add8(float* values, nint step, int examples, int* hashes, int sparsity, int count, bool ahead, float* sums)
    {
        // Lanes without an example repeat the last one; nobody reads their sums.
        int last = examples - 1;
        float* e0 = values, e1 = values + (Math.Min(1, last) * step), e2 = values + (Math.Min(2, last) * step), e3 = values + (Math.Min(3, last) * step);
        float* e4 = values + (Math.Min(4, last) * step), e5 = values + (Math.Min(5, last) * step), e6 = values + (Math.Min(6, last) * step), e7 = values + (Math.Min(7, last) * step);
        int i = 0;
        for (; i <= count - 8; i += 8)
        {
            Vector256<float> v0 = Vector256.Load(e0 + i), v1 = Vector256.Load(e1 + i), v2 = Vector256.Load(e2 + i), v3 = Vector256.Load(e3 + i);
            Vector256<float> v4 = Vector256.Load(e4 + i), v5 = Vector256.Load(e5 + i), v6 = Vector256.Load(e6 + i), v7 = Vector256.Load(e7 + i);
            Transpose8.Run(ref v0, ref v1, ref v2, ref v3, ref v4, ref v5, ref v6, ref v7);
            if (ahead)
            {
                for (int j = 0; j < 8; j++) Sse.Prefetch0(sums + ((nint)(hashes[j + Ahead] & int.MaxValue) * 8));
            }

            if (sparsity == 1)
            {
                Add(v0, hashes[0], sums);
                Add(v1, hashes[1], sums);
                Add(v2, hashes[2], sums);
                Add(v3, hashes[3], sums);
                Add(v4, hashes[4], sums);
                Add(v5, hashes[5], sums);
                Add(v6, hashes[6], sums);
                Add(v7, hashes[7], sums);
                hashes += 8;
                continue;
            }

            for (int h = 0; h < sparsity; h++) Add(v0, hashes[h], sums);
            for (int h = 0; h < sparsity; h++) Add(v1, hashes[sparsity + h], sums);
            for (int h = 0; h < sparsity; h++) Add(v2, hashes[(2 * sparsity) + h], sums);
            for (int h = 0; h < sparsity; h++) Add(v3, hashes[(3 * sparsity) + h], sums);
            for (int h = 0; h < sparsity; h++) Add(v4, hashes[(4 * sparsity) + h], sums);
            for (int h = 0; h < sparsity; h++) Add(v5, hashes[(5 * sparsity) + h], sums);
            for (int h = 0; h < sparsity; h++) Add(v6, hashes[(6 * sparsity) + h], sums);
            for (int h = 0; h < sparsity; h++) Add(v7, hashes[(7 * sparsity) + h], sums);
            hashes += 8 * sparsity;
        }

        for (; i < count; i++)
        {
            Vector256<float> value = Vector256.Create(e0[i], e1[i], e2[i], e3[i], e4[i], e5[i], e6[i], e7[i]);
            for (int h = 0; h < sparsity; h++) Add(value, *hashes++, sums);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(Vector512<float> value, int hash, float* sums)
    {
        float* column = sums + ((nint)(hash & int.MaxValue) * 16);
        (Vector512.Load(column) + (value.AsInt32() ^ Vector512.Create(hash & int.MinValue)).AsSingle()).Store(column);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(Vector256<float> value, int hash, float* sums)
    {
        float* column = sums + ((nint)(hash & int.MaxValue) * 8);
        (Vector256.Load(column) + (value.AsInt32() ^ Vector256.Create(hash & int.MinValue)).AsSingle()).Store(column);
    }
}
