using System.Numerics;

namespace TrakFast.Onnx.Tests;

internal sealed class VectorMathTests
{
    [Test]
    public void ErfAndTanhAreAccurate()
    {
        for (float x = -6; x < 6; x += 0.01f)
        {
            Assert.That(VectorMath.Erf(Vector.Create(x))[0], Is.EqualTo(Erf(x)).Within(4e-7), $"erf {x}");
            Assert.That(VectorMath.Tanh(Vector.Create(x))[0], Is.EqualTo(Math.Tanh(x)).Within(4e-7), $"tanh {x}");
        }

        Assert.That(VectorMath.Erf(Vector.Create(1e-20f))[0], Is.EqualTo(1.1283792e-20).Within(1e-26));
        Assert.That(VectorMath.Tanh(Vector.Create(1e-20f))[0], Is.EqualTo(1e-20).Within(1e-26));
        Assert.That(VectorMath.Erf(Vector.Create(float.NaN))[0], Is.NaN);
        Assert.That(VectorMath.Tanh(Vector.Create(float.PositiveInfinity))[0], Is.EqualTo(1).Within(1e-7));
    }

    [Test]
    public void ExponentialsAreAccurate()
    {
        for (float x = -87; x < 88.7f; x += 0.00713f)
        {
            float expected = (float)Math.Exp(x);
            Assert.That(
                Math.Abs(VectorMath.Exp(Vector.Create(x))[0] - (double)expected),
                Is.LessThanOrEqualTo(1.5 * (MathF.BitIncrement(expected) - expected)), $"exp {x}");
        }

        using (Assert.EnterMultipleScope())
        {
            Assert.That(VectorMath.Exp(Vector.Create(0f))[0], Is.EqualTo(1));
            Assert.That(VectorMath.Exp(Vector.Create(-95f))[0], Is.EqualTo(Math.Exp(-95)).Within(2e-45), "a subnormal number");
            Assert.That(VectorMath.Exp(Vector.Create(88.73f))[0], Is.EqualTo(float.PositiveInfinity));
            Assert.That(VectorMath.Exp(Vector.Create(float.PositiveInfinity))[0], Is.EqualTo(float.PositiveInfinity));
            Assert.That(VectorMath.Exp(Vector.Create(-104f))[0], Is.Zero);
            Assert.That(VectorMath.Exp(Vector.Create(float.NegativeInfinity))[0], Is.Zero);
            Assert.That(VectorMath.Exp(Vector.Create(float.NaN))[0], Is.NaN);
        }
    }

    // erf x = 2/√π · e^(−x²) · Σ 2ⁿ x^(2n+1) / (2n+1)!! (Abramowitz and Stegun 7.1.6), which has no cancellation.
    private static double Erf(double x)
    {
        double term = x, sum = x;
        for (int n = 1; n < 200; n++)
        {
            term *= 2 * x * x / ((2 * n) + 1);
            sum += term;
        }

        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }
}
