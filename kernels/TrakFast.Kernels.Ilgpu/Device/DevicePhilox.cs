namespace TrakFast.Kernels;

/// <summary>Four random words.</summary>
internal struct PhiloxWords
{
    /// <summary>Words 0 to 3.</summary>
    public uint X, Y, Z, W;
}

/// <summary>
/// <see cref="Philox"/> in registers: 10 rounds of two 32 × 32 → 64-bit products, about 60 instructions for 128 random bits, the
/// same bits as on the CPU. Rounds are written out, each with its multiple of Weyl's constants, because neither compiler unrolls the loop.
/// </summary>
internal static class DevicePhilox
{
    /// <summary>The words of coordinate <paramref name="c"/> for a column block and a stream.</summary>
    public static PhiloxWords Words(long c, uint columnBlock, uint stream, uint seed, uint modelId)
    {
        PhiloxWords words;
        words.X = (uint)c;
        words.Y = (uint)(c >> 32);
        words.Z = columnBlock;
        words.W = stream;
        words = Round(words, seed, modelId);
        words = Round(words, seed + 0x9E3779B9u, modelId + 0xBB67AE85u);
        words = Round(words, seed + 0x3C6EF372u, modelId + 0x76CF5D0Au);
        words = Round(words, seed + 0xDAA66D2Bu, modelId + 0x32370B8Fu);
        words = Round(words, seed + 0x78DDE6E4u, modelId + 0xED9EBA14u);
        words = Round(words, seed + 0x1715609Du, modelId + 0xA9066899u);
        words = Round(words, seed + 0xB54CDA56u, modelId + 0x646E171Eu);
        words = Round(words, seed + 0x5384540Fu, modelId + 0x1FD5C5A3u);
        words = Round(words, seed + 0xF1BBCDC8u, modelId + 0xDB3D7428u);
        words = Round(words, seed + 0x8FF34781u, modelId + 0x96A522ADu);
        return words;
    }

    private static PhiloxWords Round(PhiloxWords words, uint seed, uint modelId)
    {
        ulong product0 = (ulong)0xD2511F53u * words.X, product1 = (ulong)0xCD9E8D57u * words.Z;
        PhiloxWords next;
        next.X = (uint)(product1 >> 32) ^ words.Y ^ seed;
        next.Y = (uint)product1;
        next.Z = (uint)(product0 >> 32) ^ words.W ^ modelId;
        next.W = (uint)product0;
        return next;
    }
}
