namespace TrakFast.Kernels;

/// <summary>Four random words.</summary>
internal struct PhiloxWords
{
    /// <summary>Words 0 to 3.</summary>
    public uint X, Y, Z, W;
}

/// <summary>
/// <see cref="Philox"/> in registers: 10 rounds of two 32 × 32 → 64-bit products, about 60 instructions for 128 random bits, the
/// same bits as on the CPU.
/// </summary>
internal static class DevicePhilox
{
    /// <summary>The words of coordinate <paramref name="c"/> for a column block and a stream.</summary>
    public static PhiloxWords Words(long c, uint columnBlock, uint stream, uint seed, uint modelId)
    {
        uint x = (uint)c, y = (uint)(c >> 32), z = columnBlock, w = stream;
        for (int round = 0; round < 10; round++)
        {
            ulong product0 = (ulong)0xD2511F53u * x, product1 = (ulong)0xCD9E8D57u * z;
            x = (uint)(product1 >> 32) ^ y ^ seed;
            z = (uint)(product0 >> 32) ^ w ^ modelId;
            y = (uint)product1;
            w = (uint)product0;
            seed += 0x9E3779B9u;
            modelId += 0xBB67AE85u;
        }

        PhiloxWords words;
        words.X = x;
        words.Y = y;
        words.Z = z;
        words.W = w;
        return words;
    }
}
