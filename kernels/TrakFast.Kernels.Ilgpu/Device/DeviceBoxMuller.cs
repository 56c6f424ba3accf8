using ILGPU;

namespace TrakFast.Kernels;

/// <summary>Two numbers.</summary>
internal struct Pair
{
    /// <summary>The numbers.</summary>
    public float X, Y;
}

/// <summary>
/// <see cref="BoxMuller"/> in registers, some 60 instructions for two normal numbers: the same series, which need no slow path for
/// arguments that do not occur and no table.
/// </summary>
internal static class DeviceBoxMuller
{
    /// <summary>√(−2 ln u₁)·(cos 2πu₂, sin 2πu₂) for the uniform numbers of two words.</summary>
    public static Pair Normals(uint word1, uint word2)
    {
        float radius = MathF.Sqrt(MinusTwoLog(Uniform(word1))), quarters = Uniform(word2) * 4;
        int q = (int)(quarters + 0.5f);
        float x = (quarters - q) * 1.57079633f, square = x * x;

        float sine = DeviceOperations.Fma(square, 1f / 362880, -1f / 5040);
        sine = DeviceOperations.Fma(square, sine, 1f / 120);
        sine = DeviceOperations.Fma(square, sine, -1f / 6);
        sine = DeviceOperations.Fma(square * sine, x, x);
        float cosine = DeviceOperations.Fma(square, 1f / 40320, -1f / 720);
        cosine = DeviceOperations.Fma(square, cosine, 1f / 24);
        cosine = DeviceOperations.Fma(square, cosine, -0.5f);
        cosine = DeviceOperations.Fma(square, cosine, 1);

        // sin(x + qπ/2): q odd exchanges the two, q = 2, 3 negates the sine, q = 1, 2 the cosine.
        float first = (q & 1) == 0 ? cosine : sine, second = (q & 1) == 0 ? sine : cosine;
        Pair normals;
        normals.X = radius * Negated(first, (uint)(q + 1) & 2);
        normals.Y = radius * Negated(second, (uint)q & 2);
        return normals;
    }

    /// <summary>
    /// The same number as <see cref="RandomEntries.Uniform"/>. Both halves of a word are exact in float32, so their sum is rounded once,
    /// as the word itself would be; converted whole, it would go through float64.
    /// </summary>
    private static float Uniform(uint word)
    {
        float high = (int)(word >> 16), low = (int)(word & 0xFFFFu);
        return IntrinsicMath.Min((DeviceOperations.Fma(high, 65536, low) + 0.5f) * (1f / 4294967296f), 0.99999994f);
    }

    /// <summary>−2·ln u for u in (0, 1), as <see cref="BoxMuller"/> explains.</summary>
    private static float MinusTwoLog(float u)
    {
        int shifted = (int)(Interop.FloatAsInt(u) - 0x3F3504F3u);
        float exponent = shifted >> 23;
        float m = Interop.IntAsFloat(((uint)shifted & 0x007FFFFFu) + 0x3F3504F3u);
        float s = (m - 1) / (m + 1), square = s * s;
        float series = DeviceOperations.Fma(square, 1f / 9, 1f / 7);
        series = DeviceOperations.Fma(square, series, 1f / 5);
        series = DeviceOperations.Fma(square, series, 1f / 3);
        series = DeviceOperations.Fma(square * series, s, s);
        return DeviceOperations.Fma(exponent, -2 * 0.69314718f, series * -4);
    }

    /// <summary>The number, negated where <paramref name="bit"/> is 2.</summary>
    private static float Negated(float value, uint bit) => Interop.IntAsFloat(Interop.FloatAsInt(value) ^ (bit << 30));
}
