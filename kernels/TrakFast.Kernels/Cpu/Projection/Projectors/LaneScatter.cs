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
    public const int Ahead = 32;

    /// <summary>Elements of every example that are fetched ahead: sixteen streams are more than the processor follows by itself.</summary>
    private const int SourceAhead = 128;

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
    public static void Add(
        int lanes, float* values, long step, int examples, int* hashes, int sparsity, int count, int dimension, float* sums)
    {
        bool ahead = (long)dimension * lanes > Large && sparsity == 1;
        if (lanes == 16) Add16(values, (nint)step, examples, hashes, sparsity, count, ahead, sums);
        else Add8(values, (nint)step, examples, hashes, sparsity, count, ahead, sums);
    }

    /// <summary>features[e, j] += Σ_slices sums[slice, j, e] for some examples, in the order of slices.</summary>
    /// <param name="lanes">What <see cref="Lanes"/> gave, or 1.</param>
    /// <param name="sums">[slices, …, k, lanes].</param>
    /// <param name="slices">Slices; at least 1.</param>
    /// <param name="apart">Floats between slices.</param>
    /// <param name="examples">Examples, at most as many as lanes.</param>
    /// <param name="dimension">Columns k.</param>
    /// <param name="features">[examples, k].</param>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddUp(int lanes, float* sums, int slices, long apart, int examples, int dimension, float* features)
    {
        float* turned = stackalloc float[16 * 16];
        int j = 0;
        for (; lanes > 1 && j <= dimension - lanes; j += lanes, sums += lanes * lanes)
        {
            for (int slice = 1; slice < slices; slice++) VectorAdd.Add(sums + (slice * apart), sums, lanes * lanes);
            if (lanes == 16) Transpose16.Run(sums, 16, 16, turned, 16);
            else TransposeLines.Run(sums, 8, 8, turned, 8);
            for (int e = 0; e < examples; e++)
            {
                float* source = turned + (e * lanes), target = features + ((long)e * dimension) + j;
                for (int i = 0; i < lanes; i += 8) (Vector256.Load(target + i) + Vector256.Load(source + i)).Store(target + i);
            }
        }

        for (; j < dimension; j++, sums += lanes)
        {
            for (int e = 0; e < examples; e++)
            {
                float sum = sums[e];
                for (int slice = 1; slice < slices; slice++) sum += sums[(slice * apart) + e];
                features[((long)e * dimension) + j] += sum;
            }
        }
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add16(float* values, nint step, int examples, int* hashes, int sparsity, int count, bool ahead, float* sums)
    {
        // Lanes without an example repeat the last one; nobody reads their sums.
        nint last = (examples - 1) * step;
        nint e1 = Math.Min(step, last), e2 = Math.Min(2 * step, last), e3 = Math.Min(3 * step, last),
            e4 = Math.Min(4 * step, last), e5 = Math.Min(5 * step, last);
        nint e6 = Math.Min(6 * step, last), e7 = Math.Min(7 * step, last), e8 = Math.Min(8 * step, last),
            e9 = Math.Min(9 * step, last), e10 = Math.Min(10 * step, last);
        nint e11 = Math.Min(11 * step, last), e12 = Math.Min(12 * step, last), e13 = Math.Min(13 * step, last),
            e14 = Math.Min(14 * step, last), e15 = Math.Min(15 * step, last);
        Vector512<int> sign = Vector512.Create(int.MinValue);
        for (; count >= 16; count -= 16, values += 16)
        {
            Sse.Prefetch0(values + SourceAhead);
            Sse.Prefetch0(values + e1 + SourceAhead);
            Sse.Prefetch0(values + e2 + SourceAhead);
            Sse.Prefetch0(values + e3 + SourceAhead);
            Sse.Prefetch0(values + e4 + SourceAhead);
            Sse.Prefetch0(values + e5 + SourceAhead);
            Sse.Prefetch0(values + e6 + SourceAhead);
            Sse.Prefetch0(values + e7 + SourceAhead);
            Sse.Prefetch0(values + e8 + SourceAhead);
            Sse.Prefetch0(values + e9 + SourceAhead);
            Sse.Prefetch0(values + e10 + SourceAhead);
            Sse.Prefetch0(values + e11 + SourceAhead);
            Sse.Prefetch0(values + e12 + SourceAhead);
            Sse.Prefetch0(values + e13 + SourceAhead);
            Sse.Prefetch0(values + e14 + SourceAhead);
            Sse.Prefetch0(values + e15 + SourceAhead);
            Vector512<float> v0 = Vector512.Load(values),
                v1 = Vector512.Load(values + e1),
                v2 = Vector512.Load(values + e2),
                v3 = Vector512.Load(values + e3);
            Vector512<float> v4 = Vector512.Load(values + e4),
                v5 = Vector512.Load(values + e5),
                v6 = Vector512.Load(values + e6),
                v7 = Vector512.Load(values + e7);
            Vector512<float> v8 = Vector512.Load(values + e8),
                v9 = Vector512.Load(values + e9),
                v10 = Vector512.Load(values + e10),
                v11 = Vector512.Load(values + e11);
            Vector512<float> v12 = Vector512.Load(values + e12),
                v13 = Vector512.Load(values + e13),
                v14 = Vector512.Load(values + e14),
                v15 = Vector512.Load(values + e15);
            Transpose16.Quarter(ref v0, ref v1, ref v2, ref v3);
            Transpose16.Quarter(ref v4, ref v5, ref v6, ref v7);
            Transpose16.Quarter(ref v8, ref v9, ref v10, ref v11);
            Transpose16.Quarter(ref v12, ref v13, ref v14, ref v15);
            Transpose16.Quarters(ref v0, ref v4, ref v8, ref v12);
            Transpose16.Quarters(ref v1, ref v5, ref v9, ref v13);
            Transpose16.Quarters(ref v2, ref v6, ref v10, ref v14);
            Transpose16.Quarters(ref v3, ref v7, ref v11, ref v15);
            if (ahead)
            {
                for (int j = 0; j < 16; j++) Sse.Prefetch0(sums + ((nint)(hashes[j + Ahead] & int.MaxValue) * 16));
            }

            if (sparsity == 1)
            {
                Add(v0, hashes[0], sign, sums);
                Add(v1, hashes[1], sign, sums);
                Add(v2, hashes[2], sign, sums);
                Add(v3, hashes[3], sign, sums);
                Add(v4, hashes[4], sign, sums);
                Add(v5, hashes[5], sign, sums);
                Add(v6, hashes[6], sign, sums);
                Add(v7, hashes[7], sign, sums);
                Add(v8, hashes[8], sign, sums);
                Add(v9, hashes[9], sign, sums);
                Add(v10, hashes[10], sign, sums);
                Add(v11, hashes[11], sign, sums);
                Add(v12, hashes[12], sign, sums);
                Add(v13, hashes[13], sign, sums);
                Add(v14, hashes[14], sign, sums);
                Add(v15, hashes[15], sign, sums);
                hashes += 16;
                continue;
            }

            for (int h = 0; h < sparsity; h++) Add(v0, *hashes++, sign, sums);
            for (int h = 0; h < sparsity; h++) Add(v1, *hashes++, sign, sums);
            for (int h = 0; h < sparsity; h++) Add(v2, *hashes++, sign, sums);
            for (int h = 0; h < sparsity; h++) Add(v3, *hashes++, sign, sums);
            for (int h = 0; h < sparsity; h++) Add(v4, *hashes++, sign, sums);
            for (int h = 0; h < sparsity; h++) Add(v5, *hashes++, sign, sums);
            for (int h = 0; h < sparsity; h++) Add(v6, *hashes++, sign, sums);
            for (int h = 0; h < sparsity; h++) Add(v7, *hashes++, sign, sums);
            for (int h = 0; h < sparsity; h++) Add(v8, *hashes++, sign, sums);
            for (int h = 0; h < sparsity; h++) Add(v9, *hashes++, sign, sums);
            for (int h = 0; h < sparsity; h++) Add(v10, *hashes++, sign, sums);
            for (int h = 0; h < sparsity; h++) Add(v11, *hashes++, sign, sums);
            for (int h = 0; h < sparsity; h++) Add(v12, *hashes++, sign, sums);
            for (int h = 0; h < sparsity; h++) Add(v13, *hashes++, sign, sums);
            for (int h = 0; h < sparsity; h++) Add(v14, *hashes++, sign, sums);
            for (int h = 0; h < sparsity; h++) Add(v15, *hashes++, sign, sums);
        }

        for (int i = 0; i < count; i++)
        {
            Vector512<float> value = default;
            for (int e = 0; e < examples; e++) value = value.WithElement(e, values[i + (e * step)]);
            for (int h = 0; h < sparsity; h++) Add(value, *hashes++, sign, sums);
        }
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add8(float* values, nint step, int examples, int* hashes, int sparsity, int count, bool ahead, float* sums)
    {
        // Lanes without an example repeat the last one; nobody reads their sums.
        int last = examples - 1;
        float* e0 = values,
            e1 = values + (Math.Min(1, last) * step),
            e2 = values + (Math.Min(2, last) * step),
            e3 = values + (Math.Min(3, last) * step);
        float* e4 = values + (Math.Min(4, last) * step),
            e5 = values + (Math.Min(5, last) * step),
            e6 = values + (Math.Min(6, last) * step),
            e7 = values + (Math.Min(7, last) * step);
        int i = 0;
        for (; i <= count - 8; i += 8)
        {
            Vector256<float> v0 = Vector256.Load(e0 + i),
                v1 = Vector256.Load(e1 + i),
                v2 = Vector256.Load(e2 + i),
                v3 = Vector256.Load(e3 + i);
            Vector256<float> v4 = Vector256.Load(e4 + i),
                v5 = Vector256.Load(e5 + i),
                v6 = Vector256.Load(e6 + i),
                v7 = Vector256.Load(e7 + i);
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
    private static void Add(Vector512<float> value, int hash, Vector512<int> sign, float* sums)
    {
        // The column's place in bytes, without the sign: hash · 2 · 32. Then value ^ (hash & sign).
        float* column = (float*)((byte*)sums + ((nuint)((uint)hash << 1) << 5));
        (Vector512.Load(column) + Avx512F.TernaryLogic(value.AsInt32(), Vector512.Create(hash), sign, 0x78).AsSingle()).Store(column);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(Vector256<float> value, int hash, float* sums)
    {
        float* column = sums + ((nint)(hash & int.MaxValue) * 8);
        (Vector256.Load(column) + (value.AsInt32() ^ Vector256.Create(hash & int.MinValue)).AsSingle()).Store(column);
    }
}
