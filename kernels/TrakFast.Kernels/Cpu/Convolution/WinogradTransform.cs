using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TrakFast.Kernels;

/// <summary>
/// The transforms of Winograd's F(4×4, 3×3) at the points 0, ±a, ±b and ∞ with a² = ½ and b² = 2, which keep the rounding
/// errors near those of plain sums (a third of those at the usual 0, ±1, ±2): for tiles, several at a time, one a lane.
/// </summary>
internal static unsafe class WinogradTransform<TVector, TLanes>
    where TVector : struct
    where TLanes : struct, ITileLanes<TVector>
{
    private const int Points = WinogradPlan.Points;
    private const int Tile = WinogradPlan.Tile;

    /// <summary>One channel's tiles: 36 vectors, <paramref name="step"/> floats apart.</summary>
    /// <param name="plane">The channel.</param>
    /// <param name="pitch">Floats of a line; a tile's line is read four floats at a time, twice.</param>
    /// <param name="places">Where each tile begins.</param>
    /// <param name="target">Receives lane t of number (i, j) at (6 i + j) · step + t.</param>
    /// <param name="step">Floats between two numbers.</param>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Input(float* plane, nint pitch, nint* places, float* target, nint step)
    {
        int count = TLanes.Count;
        float* rows = stackalloc float[Points * Points * count];
        float* row = rows;
        for (int i = 0; i < Points; i++, plane += pitch, row += Points * count)
        {
            TVector d0 = TLanes.LoadQuads(plane, places, 0), d1 = TLanes.LoadQuads(plane, places, 1);
            TVector d2 = TLanes.LoadQuads(plane, places, 2), d3 = TLanes.LoadQuads(plane, places, 3);
            TLanes.Transpose(ref d0, ref d1, ref d2, ref d3);
            TVector d4 = TLanes.LoadQuads(plane + 4, places, 0), d5 = TLanes.LoadQuads(plane + 4, places, 1);
            TVector d6 = TLanes.LoadQuads(plane + 4, places, 2), d7 = TLanes.LoadQuads(plane + 4, places, 3);
            TLanes.Transpose(ref d4, ref d5, ref d6, ref d7);
            Spread(d0, d1, d2, d3, d4, d5, row, count);
        }

        for (int j = 0; j < Points; j++, rows += count, target += step)
        {
            nint down = Points * count;
            Spread(
                TLanes.Load(rows), TLanes.Load(rows + down), TLanes.Load(rows + (2 * down)), TLanes.Load(rows + (3 * down)),
                TLanes.Load(rows + (4 * down)), TLanes.Load(rows + (5 * down)), target, Points * step);
        }
    }

    /// <summary>The outputs of one channel's tiles from their 36 numbers.</summary>
    /// <param name="source">Lane t of number (i, j) at (6 i + j) · step + t.</param>
    /// <param name="step">Floats between two numbers.</param>
    /// <param name="tiles">Receives tile t's 4 × 4 outputs at 16 t.</param>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Output(float* source, nint step, float* tiles)
    {
        int count = TLanes.Count;
        float* rows = stackalloc float[Tile * Points * count];
        for (int j = 0; j < Points; j++, source += step)
        {
            nint down = Points * step;
            Gather(
                TLanes.Load(source), TLanes.Load(source + down), TLanes.Load(source + (2 * down)), TLanes.Load(source + (3 * down)),
                TLanes.Load(source + (4 * down)), TLanes.Load(source + (5 * down)), out TVector y0,
                out TVector y1, out TVector y2, out TVector y3);
            float* to = rows + (j * count);
            TLanes.Store(y0, to);
            TLanes.Store(y1, to + (Points * count));
            TLanes.Store(y2, to + (2 * Points * count));
            TLanes.Store(y3, to + (3 * Points * count));
        }

        for (int i = 0; i < Tile; i++, rows += Points * count, tiles += Tile)
        {
            Gather(
                TLanes.Load(rows), TLanes.Load(rows + count), TLanes.Load(rows + (2 * count)), TLanes.Load(rows + (3 * count)),
                TLanes.Load(rows + (4 * count)), TLanes.Load(rows + (5 * count)), out TVector y0,
                out TVector y1, out TVector y2, out TVector y3);
            TLanes.Transpose(ref y0, ref y1, ref y2, ref y3);
            for (int q = 0; q < count / 4; q++)
            {
                float* to = tiles + (q * 4 * Tile * Tile);
                TLanes.Quad(y0, q).Store(to);
                TLanes.Quad(y1, q).Store(to + (Tile * Tile));
                TLanes.Quad(y2, q).Store(to + (2 * Tile * Tile));
                TLanes.Quad(y3, q).Store(to + (3 * Tile * Tile));
            }
        }
    }

    /// <summary>Six inputs along an axis to what stands for them at the six points.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Spread(TVector d0, TVector d1, TVector d2, TVector d3, TVector d4, TVector d5, float* target, nint step)
    {
        TVector a = TLanes.Create(WinogradPoints.A),
            b = TLanes.Create(WinogradPoints.B),
            minusA = TLanes.Create(-WinogradPoints.A),
            minusB = TLanes.Create(-WinogradPoints.B);
        TVector minusAA = TLanes.Create(-0.5f), minusBB = TLanes.Create(-2), minusSum = TLanes.Create(-2.5f);
        TLanes.Store(TLanes.Add(TLanes.MultiplyAdd(minusSum, d2, d4), d0), target);
        TVector even = TLanes.MultiplyAdd(minusBB, d2, d4), odd = TLanes.MultiplyAdd(minusBB, d1, d3);
        TLanes.Store(TLanes.MultiplyAdd(a, odd, even), target + step);
        TLanes.Store(TLanes.MultiplyAdd(minusA, odd, even), target + (2 * step));
        even = TLanes.MultiplyAdd(minusAA, d2, d4);
        odd = TLanes.MultiplyAdd(minusAA, d1, d3);
        TLanes.Store(TLanes.MultiplyAdd(b, odd, even), target + (3 * step));
        TLanes.Store(TLanes.MultiplyAdd(minusB, odd, even), target + (4 * step));
        TLanes.Store(TLanes.Add(TLanes.MultiplyAdd(minusSum, d3, d5), d1), target + (5 * step));
    }

    /// <summary>The polynomial known at the six points to its four outputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Gather(
        TVector m0, TVector m1, TVector m2, TVector m3, TVector m4, TVector m5, out TVector y0,
        out TVector y1, out TVector y2, out TVector y3)
    {
        TVector sumA = TLanes.Add(m1, m2), sumB = TLanes.Add(m3, m4), halfA = TLanes.Subtract(m1, m2), halfB = TLanes.Subtract(m3, m4);
        TVector partA = TLanes.Multiply(TLanes.Create(WinogradPoints.A), halfA),
            partB = TLanes.Multiply(TLanes.Create(WinogradPoints.B), halfB);
        TVector aa = TLanes.Create(0.5f), bb = TLanes.Create(2);
        y0 = TLanes.Add(m0, TLanes.Add(sumA, sumB));
        y1 = TLanes.Add(partA, partB);
        y2 = TLanes.MultiplyAdd(bb, sumB, TLanes.Multiply(aa, sumA));
        y3 = TLanes.Add(m5, TLanes.MultiplyAdd(bb, partB, TLanes.Multiply(aa, partA)));
    }
}

/// <summary>The points, and the transform of the weights.</summary>
internal static unsafe class WinogradPoints
{
    /// <summary>√½.</summary>
    public const float A = 0.70710678f;

    /// <summary>√2.</summary>
    public const float B = 1.41421356f;

    private const int Points = WinogradPlan.Points;

    /// <summary>Four kernels of 3 × 3, one a lane, to 36 vectors: weights are rounded only once.</summary>
    /// <param name="kernels">Lane r of tap (i, j) at (3 i + j) · 4 + r.</param>
    /// <param name="target">Receives lane r of number (i, j) at (6 i + j) · step + r.</param>
    /// <param name="step">Floats between two numbers.</param>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Weights(float* kernels, float* target, nint step)
    {
        Vector256<double>* down = stackalloc Vector256<double>[Points * 3], across = stackalloc Vector256<double>[Points];
        for (int j = 0; j < 3; j++)
            Spread(Wide(kernels + (j * 4)), Wide(kernels + ((3 + j) * 4)), Wide(kernels + ((6 + j) * 4)), down + j, 3);
        for (int i = 0; i < Points; i++)
        {
            Spread(down[3 * i], down[(3 * i) + 1], down[(3 * i) + 2], across, 1);
            for (int j = 0; j < Points; j++, target += step) Vector128.Narrow(across[j].GetLower(), across[j].GetUpper()).Store(target);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Wide(float* source)
    {
        Vector128<float> x = Vector128.Load(source);
        return Vector256.Create(Vector128.WidenLower(x), Vector128.WidenUpper(x));
    }

    /// <summary>
    /// Three taps along an axis: their polynomial at each point, over the product of the point's distances from the others.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Spread(Vector256<double> g0, Vector256<double> g1, Vector256<double> g2, Vector256<double>* target, nint step)
    {
        // Distances: a²·b² = 1 for 0, 2·a²·(a² − b²) = −3/2 for ±a, 2·b²·(b² − a²) = 6 for ±b.
        Vector256<double> evenA = g0 + (g2 * 0.5), oddA = g1 * (double)A, evenB = g0 + (g2 * 2), oddB = g1 * (double)B;
        target[0] = g0;
        target[step] = (evenA + oddA) * (-2.0 / 3);
        target[2 * step] = (evenA - oddA) * (-2.0 / 3);
        target[3 * step] = (evenB + oddB) * (1.0 / 6);
        target[4 * step] = (evenB - oddB) * (1.0 / 6);
        target[5 * step] = g2;
    }
}
