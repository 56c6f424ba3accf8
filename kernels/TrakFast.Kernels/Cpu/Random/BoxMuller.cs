using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TrakFast.Kernels;

/// <summary>
/// The two functions of the Box–Muller transform on the one interval it needs, (0, 1): several times faster than general
/// ones, which must handle every argument. Errors of a few float32 roundings.
/// </summary>
internal static class BoxMuller
{
    /// <summary>
    /// −2·ln u. With u = 2ᵉ·m, m in [√½, √2): ln m = 2·artanh(s) for s = (m − 1)/(m + 1), |s| ≤ 0.172, an odd series whose
    /// terms beyond s⁹ are below a rounding.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> MinusTwoLog(Vector512<float> u)
    {
        // Subtracting the bits of √½ moves the exponent's boundary to √½.
        Vector512<int> shifted = u.AsInt32() - Vector512.Create(0x3F3504F3);
        Vector512<float> exponent = Vector512.ConvertToSingle(shifted >> 23);
        Vector512<float> m = ((shifted & Vector512.Create(0x007FFFFF)) + Vector512.Create(0x3F3504F3)).AsSingle();
        Vector512<float> s = (m - Vector512<float>.One) / (m + Vector512<float>.One), square = s * s;
        Vector512<float> series = Vector512.FusedMultiplyAdd(square, Vector512.Create(1f / 9), Vector512.Create(1f / 7));
        series = Vector512.FusedMultiplyAdd(square, series, Vector512.Create(1f / 5));
        series = Vector512.FusedMultiplyAdd(square, series, Vector512.Create(1f / 3));
        series = Vector512.FusedMultiplyAdd(square * series, s, s);
        return Vector512.FusedMultiplyAdd(exponent, Vector512.Create(-2 * 0.69314718f), series * Vector512.Create(-4f));
    }

    /// <summary>
    /// sin 2πt and cos 2πt for t in (0, 1). The nearest quarter turn q is taken off, the Taylor series of the rest, at most
    /// π/4, run to below a rounding, and q swaps and negates them.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector512<float> Sine, Vector512<float> Cosine) SinCosTurns(Vector512<float> t)
    {
        Vector512<float> quarters = t * Vector512.Create(4f), nearest = Vector512.Round(quarters);
        Vector512<int> q = Vector512.ConvertToInt32(nearest);
        Vector512<float> x = (quarters - nearest) * Vector512.Create(MathF.PI / 2), square = x * x;

        Vector512<float> sine = Vector512.FusedMultiplyAdd(square, Vector512.Create(1f / 362880), Vector512.Create(-1f / 5040));
        sine = Vector512.FusedMultiplyAdd(square, sine, Vector512.Create(1f / 120));
        sine = Vector512.FusedMultiplyAdd(square, sine, Vector512.Create(-1f / 6));
        sine = Vector512.FusedMultiplyAdd(square * sine, x, x);
        Vector512<float> cosine = Vector512.FusedMultiplyAdd(square, Vector512.Create(1f / 40320), Vector512.Create(-1f / 720));
        cosine = Vector512.FusedMultiplyAdd(square, cosine, Vector512.Create(1f / 24));
        cosine = Vector512.FusedMultiplyAdd(square, cosine, Vector512.Create(-0.5f));
        cosine = Vector512.FusedMultiplyAdd(square, cosine, Vector512<float>.One);

        // sin(x + qπ/2): q odd exchanges the two, q = 2, 3 negates the sine, q = 1, 2 the cosine.
        Vector512<float> swap = ((q & Vector512<int>.One) << 31 >> 31).AsSingle();
        Vector512<int> sineSign = (q & Vector512.Create(2)) << 30, cosineSign = ((q + Vector512<int>.One) & Vector512.Create(2)) << 30;
        return (
            (Vector512.ConditionalSelect(swap, cosine, sine).AsInt32() ^ sineSign).AsSingle(),
            (Vector512.ConditionalSelect(swap, sine, cosine).AsInt32() ^ cosineSign).AsSingle());
    }

    /// <summary>−2·ln u, eight at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> MinusTwoLog(Vector256<float> u)
    {
        // Subtracting the bits of √½ moves the exponent's boundary to √½.
        Vector256<int> shifted = u.AsInt32() - Vector256.Create(0x3F3504F3);
        Vector256<float> exponent = Vector256.ConvertToSingle(shifted >> 23);
        Vector256<float> m = ((shifted & Vector256.Create(0x007FFFFF)) + Vector256.Create(0x3F3504F3)).AsSingle();
        Vector256<float> s = (m - Vector256<float>.One) / (m + Vector256<float>.One), square = s * s;
        Vector256<float> series = Vector256.FusedMultiplyAdd(square, Vector256.Create(1f / 9), Vector256.Create(1f / 7));
        series = Vector256.FusedMultiplyAdd(square, series, Vector256.Create(1f / 5));
        series = Vector256.FusedMultiplyAdd(square, series, Vector256.Create(1f / 3));
        series = Vector256.FusedMultiplyAdd(square * series, s, s);
        return Vector256.FusedMultiplyAdd(exponent, Vector256.Create(-2 * 0.69314718f), series * Vector256.Create(-4f));
    }

    /// <summary>sin 2πt and cos 2πt, eight at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector256<float> Sine, Vector256<float> Cosine) SinCosTurns(Vector256<float> t)
    {
        Vector256<float> quarters = t * Vector256.Create(4f), nearest = Vector256.Round(quarters);
        Vector256<int> q = Vector256.ConvertToInt32(nearest);
        Vector256<float> x = (quarters - nearest) * Vector256.Create(MathF.PI / 2), square = x * x;

        Vector256<float> sine = Vector256.FusedMultiplyAdd(square, Vector256.Create(1f / 362880), Vector256.Create(-1f / 5040));
        sine = Vector256.FusedMultiplyAdd(square, sine, Vector256.Create(1f / 120));
        sine = Vector256.FusedMultiplyAdd(square, sine, Vector256.Create(-1f / 6));
        sine = Vector256.FusedMultiplyAdd(square * sine, x, x);
        Vector256<float> cosine = Vector256.FusedMultiplyAdd(square, Vector256.Create(1f / 40320), Vector256.Create(-1f / 720));
        cosine = Vector256.FusedMultiplyAdd(square, cosine, Vector256.Create(1f / 24));
        cosine = Vector256.FusedMultiplyAdd(square, cosine, Vector256.Create(-0.5f));
        cosine = Vector256.FusedMultiplyAdd(square, cosine, Vector256<float>.One);

        // sin(x + qπ/2): q odd exchanges the two, q = 2, 3 negates the sine, q = 1, 2 the cosine.
        Vector256<float> swap = ((q & Vector256<int>.One) << 31 >> 31).AsSingle();
        Vector256<int> sineSign = (q & Vector256.Create(2)) << 30, cosineSign = ((q + Vector256<int>.One) & Vector256.Create(2)) << 30;
        return (
            (Vector256.ConditionalSelect(swap, cosine, sine).AsInt32() ^ sineSign).AsSingle(),
            (Vector256.ConditionalSelect(swap, sine, cosine).AsInt32() ^ cosineSign).AsSingle());
    }
}
