namespace TrakFast.Kernels;

/// <summary>The hashes of <see cref="RandomEntries.Sjlt"/>, bit for bit.</summary>
internal static class SjltHash
{
    /// <summary>The random word of hash h of coordinate c; its last bit is the sign.</summary>
    public static uint Word(long c, int h, uint seed, uint modelId)
    {
        PhiloxWords words = DevicePhilox.Words(c, (uint)h >> 2, 2, seed, modelId);
        int word = h & 3;
        return word == 0 ? words.X : word == 1 ? words.Y : word == 2 ? words.Z : words.W;
    }

    /// <summary>The column, of k, that a word stands for.</summary>
    public static int Column(uint word, int k) => (int)(((ulong)word * (uint)k) >> 32);
}
