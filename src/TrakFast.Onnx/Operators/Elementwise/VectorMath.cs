using System.Numerics;
using System.Runtime.CompilerServices;

namespace TrakFast.Onnx;

/// <summary>
/// erf and tanh as the rational approximations that Eigen uses in float32 (MathFunctionsImpl.h): odd polynomial over even
/// polynomial on the range where the function still moves, with an error of a few units in the last place. eˣ as in
/// Cephes (expf.c): a polynomial on |r| ≤ ln 2 / 2 times a power of two, to about one unit in the last place. All stay
/// in float32 and are inlined into their loops, so that a loop over them keeps up with memory.
/// </summary>
internal static class VectorMath
{
    private const float TanhBound = 7.90531110763549805f;
    private const float ErfBound = 4;

    // Beyond these eˣ is infinite, or 0.
    private const float ExpHigh = 89;
    private const float ExpLow = -104;

    // Added to a number below 2²², it leaves that rounded to a whole one in its last bits.
    private const float Rounder = 12582912;
    private const float Log2E = 1.44269504088896341f;

    // ln 2 in two parts, of which the first has few bits: its whole multiples are exact.
    private const float Ln2High = 0.693359375f;
    private const float Ln2Low = -2.12194440e-4f;

    /// <summary>eˣ; ∞ and 0 beyond what float32 holds, and not a number where x is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Exp(Vector<float> x)
    {
        Vector<float> high = Vector.Create(ExpHigh), low = Vector.Create(ExpLow), rounder = Vector.Create(Rounder);
        x = Vector.ConditionalSelect(Vector.GreaterThan(x, high), high, x);
        x = Vector.ConditionalSelect(Vector.LessThan(x, low), low, x);
        Vector<float> rounded = Vector.MultiplyAddEstimate(x, Vector.Create(Log2E), rounder), whole = rounded - rounder;
        Vector<float> r = Vector.MultiplyAddEstimate(whole, Vector.Create(-Ln2High), x);
        r = Vector.MultiplyAddEstimate(whole, Vector.Create(-Ln2Low), r);
        Vector<float> p = Vector.Create(1.9875691500e-4f);
        p = Vector.MultiplyAddEstimate(p, r, Vector.Create(1.3981999507e-3f));
        p = Vector.MultiplyAddEstimate(p, r, Vector.Create(8.3334519073e-3f));
        p = Vector.MultiplyAddEstimate(p, r, Vector.Create(4.1665795894e-2f));
        p = Vector.MultiplyAddEstimate(p, r, Vector.Create(1.6666665459e-1f));
        p = Vector.MultiplyAddEstimate(p, r, Vector.Create(5.0000001201e-1f));
        p = Vector.MultiplyAddEstimate(p, r * r, r) + Vector<float>.One;

        // 2ⁿ as two factors, of which each is a normal number.
        Vector<int> n = Vector.AsVectorInt32(rounded) - Vector.AsVectorInt32(rounder), half = n >> 1;
        return p * Power(half) * Power(n - half);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Tanh(Vector<float> x)
    {
        Vector<float> c = Clamp(x, TanhBound), s = c * c;
        Vector<float> p = Vector.Create(-2.76076847742355e-16f);
        p = (p * s) + Vector.Create(2.00018790482477e-13f);
        p = (p * s) + Vector.Create(-8.60467152213735e-11f);
        p = (p * s) + Vector.Create(5.12229709037114e-08f);
        p = (p * s) + Vector.Create(1.48572235717979e-05f);
        p = (p * s) + Vector.Create(6.37261928875436e-04f);
        p = (p * s) + Vector.Create(4.89352455891786e-03f);
        Vector<float> q = Vector.Create(1.19825839466702e-06f);
        q = (q * s) + Vector.Create(1.18534705686654e-04f);
        q = (q * s) + Vector.Create(2.26843463243900e-03f);
        q = (q * s) + Vector.Create(4.89352518554385e-03f);
        return c * p / q;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Erf(Vector<float> x)
    {
        Vector<float> c = Clamp(x, ErfBound), s = c * c;
        Vector<float> p = Vector.Create(-2.72614225801306e-10f);
        p = Vector.MultiplyAddEstimate(p, s, Vector.Create(2.77068142495902e-08f));
        p = Vector.MultiplyAddEstimate(p, s, Vector.Create(-2.10102402082508e-06f));
        p = Vector.MultiplyAddEstimate(p, s, Vector.Create(-5.69250639462346e-05f));
        p = Vector.MultiplyAddEstimate(p, s, Vector.Create(-7.34990630326855e-04f));
        p = Vector.MultiplyAddEstimate(p, s, Vector.Create(-2.95459980854025e-03f));
        p = Vector.MultiplyAddEstimate(p, s, Vector.Create(-1.60960333262415e-02f));
        Vector<float> q = Vector.Create(-1.45660718464996e-05f);
        q = Vector.MultiplyAddEstimate(q, s, Vector.Create(-2.13374055278905e-04f));
        q = Vector.MultiplyAddEstimate(q, s, Vector.Create(-1.68282697438203e-03f));
        q = Vector.MultiplyAddEstimate(q, s, Vector.Create(-7.37332916720468e-03f));
        q = Vector.MultiplyAddEstimate(q, s, Vector.Create(-1.42647390514189e-02f));
        return c * p / q;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Power(Vector<int> n) => Vector.AsVectorSingle((n + Vector.Create(127)) << 23);

    // What is not a number passes: both comparisons are false for it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Clamp(Vector<float> x, float bound)
    {
        Vector<float> high = Vector.Create(bound);
        x = Vector.ConditionalSelect(Vector.GreaterThan(x, high), high, x);
        return Vector.ConditionalSelect(Vector.LessThan(x, -high), -high, x);
    }
}
