using TrakFast.Kernels;

namespace TrakFast.Testing;

/// <summary>Reproducible numbers and comparisons.</summary>
public static class TestData
{
    /// <summary>Roughly normal numbers, the same for the same seed on every machine.</summary>
    public static float[] Floats(long count, int seed)
    {
        float[] values = new float[count];
        for (long i = 0; i < count; i++)
        {
            (uint x, uint y, uint z, uint w) = Philox.Block((uint)i, (uint)(i >> 32), (uint)seed, 77, 1, 2);
            values[i] = ((x / 4294967296f) + (y / 4294967296f) + (z / 4294967296f) + (w / 4294967296f) - 2) * 1.7f;
        }

        return values;
    }

    /// <summary>Whole numbers in [0, bound).</summary>
    public static long[] Longs(long count, long bound, int seed) =>
        [.. Enumerable.Range(0, (int)count).Select(i => Philox.Block((uint)i, 0, (uint)seed, 78, 1, 2).X % bound)];

    /// <summary>Largest difference, relative to the largest expected value.</summary>
    public static double Error(ReadOnlySpan<float> actual, ReadOnlySpan<double> expected)
    {
        Assert.That(actual.Length, Is.EqualTo(expected.Length));
        double scale = 1e-30, worst = 0;
        foreach (double value in expected) scale = Math.Max(scale, Math.Abs(value));
        for (int i = 0; i < expected.Length; i++)
        {
            double difference = Math.Abs(actual[i] - expected[i]);
            if (!(difference <= worst)) worst = difference;
        }

        return worst / scale;
    }

    /// <summary>Asserts equality of every bit.</summary>
    public static void AssertSameBits(ReadOnlySpan<float> actual, ReadOnlySpan<float> expected, string what)
    {
        Assert.That(actual.Length, Is.EqualTo(expected.Length), what);
        for (int i = 0; i < actual.Length; i++)
        {
            if (BitConverter.SingleToInt32Bits(actual[i]) != BitConverter.SingleToInt32Bits(expected[i]))
                Assert.Fail($"{what}: element {i} is {actual[i]:R}, not {expected[i]:R}");
        }
    }
}
