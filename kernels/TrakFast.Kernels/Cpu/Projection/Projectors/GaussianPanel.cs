using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TrakFast.Kernels;

/// <summary>Standard normal entries by Box–Muller, as <see cref="RandomEntries.Gaussian"/> defines them.</summary>
internal readonly unsafe struct GaussianPanel : IRandomPanel
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Fill(
        in Projection projection, in CoordinateRuns runs, int start, int length, int block, int columns,
        float* panel, int panelStep, uint* words)
    {
        for (int q = 0; q * 4 < columns; q++)
        {
            runs.Words(projection, start, length, (uint)((block * 32) + q), RandomEntries.GaussianStream, words);
            float* target = panel + (q * 4);
            if (Simd.Avx512) Fill512(words, length, target, panelStep);
            else if (Simd.Avx256) Fill256(words, length, target, panelStep);
            else if (!Simd.Vectors) FillScalar(words, length, target, panelStep);
            else Fill128(words, length, target, panelStep);
        }
    }

    /// <summary>Eight coordinates at a time: their pairs are separated into radius and angle words, and put back in order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Fill512(uint* words, int length, float* target, int step)
    {
        Vector512<int> even = Vector512.Create(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30), odd = even + Vector512<int>.One;
        Vector512<int> low = Vector512.Create(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23), high = low + Vector512.Create(8);
        float* normals = stackalloc float[32];
        for (int i = 0; i < length; i += 8, words += 32)
        {
            Vector512<float> a = Uniform(Vector512.Load(words)), b = Uniform(Vector512.Load(words + 16));
            Vector512<float> u1 = Avx512F.PermuteVar16x32x2(a, even, b);
            Vector512<float> u2 = Avx512F.PermuteVar16x32x2(a, odd, b);
            Vector512<float> radius = Vector512.Sqrt(BoxMuller.MinusTwoLog(u1));
            (Vector512<float> sine, Vector512<float> cosine) = BoxMuller.SinCosTurns(u2);
            Vector512<float> first = radius * cosine, second = radius * sine;
            Avx512F.PermuteVar16x32x2(first, low, second).Store(normals);
            Avx512F.PermuteVar16x32x2(first, high, second).Store(normals + 16);
            for (int e = 0; e < Math.Min(8, length - i); e++, target += step) Vector128.Load(normals + (4 * e)).Store(target);
        }
    }

    /// <summary>Four coordinates at a time: a register holds two, with two pairs each.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Fill256(uint* words, int length, float* target, int step)
    {
        float* normals = stackalloc float[16];
        for (int i = 0; i < length; i += 4, words += 16, target += 4 * step)
        {
            Vector256<float> a = Uniform(Vector256.Load(words)), b = Uniform(Vector256.Load(words + 8));
            Vector256<float> radius = Vector256.Sqrt(BoxMuller.MinusTwoLog(Avx.Shuffle(a, b, 0x88)));
            (Vector256<float> sine, Vector256<float> cosine) = BoxMuller.SinCosTurns(Avx.Shuffle(a, b, 0xDD));
            Vector256<float> first = radius * cosine, second = radius * sine;
            Vector256<float> low = Avx.UnpackLow(first, second), high = Avx.UnpackHigh(first, second);
            if (length - i < 4)
            {
                low.Store(normals);
                high.Store(normals + 8);
                for (int e = 0; e < length - i; e++) Vector128.Load(normals + (4 * e)).Store(target + (e * step));
                return;
            }

            low.GetLower().Store(target);
            low.GetUpper().Store(target + step);
            high.GetLower().Store(target + (2 * step));
            high.GetUpper().Store(target + (3 * step));
        }
    }

    /// <summary>
    /// A coordinate at a time: the radius comes from the even word of a pair, the angle from the odd one, and the sine is a
    /// cosine a quarter turn back, so that all lanes do the same.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Fill128(uint* words, int length, float* target, int step)
    {
        for (int i = 0; i < length; i++, words += 4, target += step)
        {
            Vector128<uint> word = Vector128.Load(words);
            Vector128<float> u = Vector128.Min(
                (Vector128.ConvertToSingle(word) + Vector128.Create(0.5f)) * Vector128.Create(1f / 4294967296f),
                Vector128.Create(0.99999994f));
            Vector128<float> radius = Vector128.Sqrt(
                Vector128.Create(-2f) * Vector128.Log(Vector128.Shuffle(u, Vector128.Create(0, 0, 2, 2))));
            Vector128<float> turns = Vector128.Shuffle(u, Vector128.Create(1, 1, 3, 3)) - Vector128.Create(0f, 0.25f, 0f, 0.25f);
            (radius * Vector128.Cos(turns * Vector128.Create(2 * MathF.PI))).Store(target);
        }
    }

    private static void FillScalar(uint* words, int length, float* target, int step)
    {
        for (int i = 0; i < length; i++, words += 4, target += step)
        {
            for (int pair = 0; pair < 4; pair += 2)
            {
                float radius = MathF.Sqrt(-2 * MathF.Log(RandomEntries.Uniform(words[pair])));
                (float sine, float cosine) = MathF.SinCos(2 * MathF.PI * RandomEntries.Uniform(words[pair + 1]));
                target[pair] = radius * cosine;
                target[pair + 1] = radius * sine;
            }
        }
    }

    /// <summary>Both halves of a word are exact in float32, so their sum is rounded once, as the word itself would be.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Uniform(Vector256<uint> word)
    {
        Vector256<float> high = Vector256.ConvertToSingle((word >>> 16).AsInt32()),
            low = Vector256.ConvertToSingle((word & Vector256.Create(0xFFFFu)).AsInt32());
        Vector256<float> whole = Vector256.FusedMultiplyAdd(high, Vector256.Create(65536f), low);
        return Vector256.Min((whole + Vector256.Create(0.5f)) * Vector256.Create(1f / 4294967296f), Vector256.Create(0.99999994f));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Uniform(Vector512<uint> word) =>
        Vector512.Min(
            (Vector512.ConvertToSingle(word) + Vector512.Create(0.5f)) * Vector512.Create(1f / 4294967296f), Vector512.Create(0.99999994f));
}
