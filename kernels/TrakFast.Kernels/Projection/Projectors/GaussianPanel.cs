using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TrakFast.Kernels;

/// <summary>Standard normal entries by Box–Muller, as <see cref="RandomEntries.Gaussian"/> defines them.</summary>
internal readonly unsafe struct GaussianPanel : IRandomPanel
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Fill(
        in Projection projection, in CoordinateRuns runs, int start, int length, int block, int columns, float* panel, int panelStep, uint* words)
    {
        for (int q = 0; q * 4 < columns; q++)
        {
            runs.Words(projection, start, length, (uint)((block * 32) + q), RandomEntries.GaussianStream, words);
            float* target = panel + (q * 4);
            int i = 0;
            if (Simd.Avx512)
            {
                for (; i < length; i += 4)
                {
                    Vector512<float> normal = Normal(Vector512.Load(words + (4 * i)));
                    normal.GetLower().GetLower().Store(target + ((long)i * panelStep));
                    if (i + 1 < length) normal.GetLower().GetUpper().Store(target + ((i + 1L) * panelStep));
                    if (i + 2 < length) normal.GetUpper().GetLower().Store(target + ((i + 2L) * panelStep));
                    if (i + 3 < length) normal.GetUpper().GetUpper().Store(target + ((i + 3L) * panelStep));
                }
            }

            for (; i < length; i++) Normal(Vector128.Load(words + (4 * i))).Store(target + ((long)i * panelStep));
        }
    }

    /// <summary>
    /// Four words to four normal numbers: the radius comes from the even word of a pair, the angle from the odd one, and
    /// the sine is a cosine a quarter turn back, so that all lanes do the same.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Normal(Vector128<uint> words)
    {
        Vector128<float> u = Vector128.Min((Vector128.ConvertToSingle(words) + Vector128.Create(0.5f)) * Vector128.Create(1f / 4294967296f), Vector128.Create(0.99999994f));
        Vector128<float> radius = Vector128.Sqrt(Vector128.Create(-2f) * Vector128.Log(Vector128.Shuffle(u, Vector128.Create(0, 0, 2, 2))));
        Vector128<float> turns = Vector128.Shuffle(u, Vector128.Create(1, 1, 3, 3)) - Vector128.Create(0f, 0.25f, 0f, 0.25f);
        return radius * Vector128.Cos(turns * Vector128.Create(2 * MathF.PI));
    }

    /// <summary>The same for four coordinates.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Normal(Vector512<uint> words)
    {
        Vector512<float> u = Vector512.Min((Vector512.ConvertToSingle(words) + Vector512.Create(0.5f)) * Vector512.Create(1f / 4294967296f), Vector512.Create(0.99999994f));
        Vector512<float> even = Vector512.Shuffle(u, Vector512.Create(0, 0, 2, 2, 4, 4, 6, 6, 8, 8, 10, 10, 12, 12, 14, 14));
        Vector512<float> odd = Vector512.Shuffle(u, Vector512.Create(1, 1, 3, 3, 5, 5, 7, 7, 9, 9, 11, 11, 13, 13, 15, 15));
        Vector512<float> quarter = Vector512.Create(Vector256.Create(0f, 0.25f, 0f, 0.25f, 0f, 0.25f, 0f, 0.25f));
        return Vector512.Sqrt(Vector512.Create(-2f) * Vector512.Log(even)) * Vector512.Cos((odd - quarter) * Vector512.Create(2 * MathF.PI));
    }
}
