namespace TrakFast;

/// <summary>
/// Random numbers that are the same on every machine and runtime: SplitMix64 (Steele, Lea and Flood 2014). A
/// sequence is a pure function of a seed and a stream, so that what one stream draws never depends on another.
/// </summary>
internal struct SeededRandom
{
    private ulong _state;

    /// <summary>Starts a sequence.</summary>
    public SeededRandom(ulong seed, ulong stream) => _state = Mix(Mix(seed) + stream);

    /// <summary>The next 64 bits.</summary>
    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        return Mix(_state);
    }

    /// <summary>A whole number from 0 to <paramref name="limit"/> − 1, without bias (Lemire 2019).</summary>
    public long Below(long limit)
    {
        ulong bound = (ulong)limit;
        ulong high = Math.BigMul(Next(), bound, out ulong low);
        if (low >= bound) return (long)high;
        ulong threshold = (0 - bound) % bound;
        while (low < threshold) high = Math.BigMul(Next(), bound, out low);
        return (long)high;
    }

    /// <summary>A draw from the standard normal distribution, by Box and Muller.</summary>
    public double Normal()
    {
        double radius = Math.Sqrt(-2 * Math.Log(1 - Uniform()));
        return radius * Math.Cos(2 * Math.PI * Uniform());
    }

    // Multiples of 2^-53 in [0, 1).
    private double Uniform() => (Next() >> 11) * (1.0 / (1L << 53));

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
