namespace TrakFast.Kernels;

/// <summary>
/// What the random bits of a projection mean, one entry at a time: the definition that every kernel reproduces.
/// P is [p, k]; c is a flat gradient coordinate and j a column.
/// </summary>
public static class RandomEntries
{
    /// <summary>Fourth counter word of signs.</summary>
    public const uint RademacherStream = 0;

    /// <summary>Fourth counter word of normal numbers.</summary>
    public const uint GaussianStream = 1;

    /// <summary>Fourth counter word of SJLT hashes.</summary>
    public const uint SjltStream = 2;

    /// <summary>Fourth counter word of a Kronecker projection's signs for a parameter's rows.</summary>
    public const uint KroneckerRowStream = 3;

    /// <summary>Fourth counter word of a Kronecker projection's signs for a parameter's columns.</summary>
    public const uint KroneckerColumnStream = 4;

    /// <summary>±1: bit j mod 128 of the call for column block ⌊j / 128⌋; a set bit means −1.</summary>
    public static float Rademacher(uint seed, uint modelId, long c, int j) => Sign(seed, modelId, c, j, RademacherStream);

    /// <summary>
    /// ±1, entry (i, row) of a Kronecker projection's left factor: as <see cref="Rademacher"/>, of coordinate parameter + row,
    /// in a stream of its own. The right factor is the same with columns and the other stream.
    /// </summary>
    public static float Kronecker(uint seed, uint modelId, long parameter, long row, int i, uint stream) =>
        Sign(seed, modelId, parameter + row, i, stream);

    /// <summary>
    /// A standard normal number: the call for column block ⌊j / 4⌋ gives two Box–Muller pairs
    /// √(−2 ln u₁)·(cos 2πu₂, sin 2πu₂), from words 0, 1 and from words 2, 3.
    /// </summary>
    public static double Gaussian(uint seed, uint modelId, long c, int j)
    {
        int pair = j % 4 / 2;
        double u1 = Uniform(Word(seed, modelId, c, (uint)(j / 4), GaussianStream, 2 * pair));
        double u2 = Uniform(Word(seed, modelId, c, (uint)(j / 4), GaussianStream, (2 * pair) + 1));
        double radius = Math.Sqrt(-2 * Math.Log(u1));
        return radius * (j % 2 == 0 ? Math.Cos(2 * Math.PI * u2) : Math.Sin(2 * Math.PI * u2));
    }

    /// <summary>Hash h of coordinate c: the column ⌊word · k / 2³²⌋ and the sign, −1 if the word is odd.</summary>
    public static (int Bucket, float Sign) Sjlt(uint seed, uint modelId, long c, int h, int k)
    {
        uint word = Word(seed, modelId, c, (uint)(h / 4), SjltStream, h % 4);
        return ((int)(((ulong)word * (ulong)k) >> 32), (word & 1) == 0 ? 1 : -1);
    }

    /// <summary>
    /// (word + ½)·2⁻³² in float32, at most 1 − 2⁻²⁴: never 0, never 1, and fine-grained near 0, where the tail of the
    /// normal distribution comes from.
    /// </summary>
    public static float Uniform(uint word) => Math.Min((word + 0.5f) * (1f / 4294967296f), 0.99999994f);

    private static float Sign(uint seed, uint modelId, long c, int j, uint stream)
    {
        uint word = Word(seed, modelId, c, (uint)(j / 128), stream, j % 128 / 32);
        return ((word >> (j % 32)) & 1) == 0 ? 1 : -1;
    }

    private static uint Word(uint seed, uint modelId, long c, uint columnBlock, uint stream, int word)
    {
        (uint x, uint y, uint z, uint w) = Philox.Block((uint)c, (uint)(c >> 32), columnBlock, stream, seed, modelId);
        return word switch { 0 => x, 1 => y, 2 => z, _ => w };
    }
}
