using System.Numerics;

namespace TrakFast.Onnx;

/// <summary>
/// erf and tanh as the rational approximations that Eigen uses in float32 (MathFunctionsImpl.h): odd polynomial over even
/// polynomial on the range where the function still moves, with an error of a few units in the last place.
/// </summary>
internal static class VectorMath
{
    private const float TanhBound = 7.90531110763549805f;
    private const float ErfBound = 4;

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

    public static Vector<float> Erf(Vector<float> x)
    {
        Vector<float> c = Clamp(x, ErfBound), s = c * c;
        Vector<float> p = Vector.Create(-2.72614225801306e-10f);
        p = (p * s) + Vector.Create(2.77068142495902e-08f);
        p = (p * s) + Vector.Create(-2.10102402082508e-06f);
        p = (p * s) + Vector.Create(-5.69250639462346e-05f);
        p = (p * s) + Vector.Create(-7.34990630326855e-04f);
        p = (p * s) + Vector.Create(-2.95459980854025e-03f);
        p = (p * s) + Vector.Create(-1.60960333262415e-02f);
        Vector<float> q = Vector.Create(-1.45660718464996e-05f);
        q = (q * s) + Vector.Create(-2.13374055278905e-04f);
        q = (q * s) + Vector.Create(-1.68282697438203e-03f);
        q = (q * s) + Vector.Create(-7.37332916720468e-03f);
        q = (q * s) + Vector.Create(-1.42647390514189e-02f);
        return c * p / q;
    }

    // What is not a number passes: both comparisons are false for it.
    private static Vector<float> Clamp(Vector<float> x, float bound)
    {
        Vector<float> high = Vector.Create(bound);
        x = Vector.ConditionalSelect(Vector.GreaterThan(x, high), high, x);
        return Vector.ConditionalSelect(Vector.LessThan(x, -high), -high, x);
    }
}
