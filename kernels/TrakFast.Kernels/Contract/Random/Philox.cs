using System.Diagnostics;

namespace TrakFast.Kernels;

/// <summary>
/// Philox4x32-10 (Salmon et al., «Parallel Random Numbers: As Easy as 1, 2, 3», SC 2011): four random words as a pure
/// function of a counter and a key. TrakFast's key is (seed, model id), its counter (coordinate low 32 bits, coordinate
/// high 32 bits, column block, stream).
/// </summary>
public static unsafe partial class Philox
{
    private const uint Multiplier0 = 0xD2511F53;
    private const uint Multiplier1 = 0xCD9E8D57;
    private const uint Weyl0 = 0x9E3779B9;
    private const uint Weyl1 = 0xBB67AE85;
    private const int RoundCount = 10;

    /// <summary>Words that <see cref="Fill"/> may write beyond the last one asked for.</summary>
    public const int Slack = 64;

    /// <summary>The four words for one counter and key.</summary>
    public static (uint X, uint Y, uint Z, uint W) Block(uint counter0, uint counter1, uint counter2, uint counter3, uint key0, uint key1)
    {
        for (int round = 0; round < RoundCount; round++)
        {
            ulong product0 = (ulong)Multiplier0 * counter0, product1 = (ulong)Multiplier1 * counter2;
            counter0 = (uint)(product1 >> 32) ^ counter1 ^ key0;
            counter2 = (uint)(product0 >> 32) ^ counter3 ^ key1;
            counter1 = (uint)product1;
            counter3 = (uint)product0;
            key0 += Weyl0;
            key1 += Weyl1;
        }

        return (counter0, counter1, counter2, counter3);
    }

    /// <summary>
    /// The words of <paramref name="count"/> coordinates at equal distances: target[4·i + w] is word w of coordinate
    /// <paramref name="coordinate"/> + i · <paramref name="apart"/>. Bitwise the same on every path.
    /// </summary>
    /// <param name="key0">First key word, the seed.</param>
    /// <param name="key1">Second key word, the model id.</param>
    /// <param name="coordinate">First coordinate.</param>
    /// <param name="apart">Coordinates from one to the next.</param>
    /// <param name="count">Number of coordinates.</param>
    /// <param name="columnBlock">Third counter word.</param>
    /// <param name="stream">Fourth counter word.</param>
    /// <param name="target">Receives 4 · count words; must have room for <see cref="Slack"/> more.</param>
    public static void Fill(uint key0, uint key1, long coordinate, long apart, int count, uint columnBlock, uint stream, uint* target)
    {
        Debug.Assert(coordinate >= 0 && apart >= 0 && count >= 0);
        if (Simd.Avx512) Fill512(key0, key1, (ulong)coordinate, (ulong)apart, count, columnBlock, stream, target);
        else if (Simd.Avx256) Fill256(key0, key1, (ulong)coordinate, (ulong)apart, count, columnBlock, stream, target);
        else FillScalar(key0, key1, (ulong)coordinate, (ulong)apart, count, columnBlock, stream, target);
    }

    /// <summary>What <see cref="Fill"/> computes, one coordinate at a time.</summary>
    internal static void FillScalar(
        uint key0, uint key1, ulong coordinate, ulong apart, int count, uint columnBlock, uint stream, uint* target)
    {
        for (int i = 0; i < count; i++, coordinate += apart, target += 4)
            (target[0], target[1], target[2], target[3]) = Block(
                (uint)coordinate, (uint)(coordinate >> 32), columnBlock, stream, key0, key1);
    }
}
