using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>
/// Random numbers that are a pure function of a seed and what they are for: Philox4x32-10 under the key (seed low, seed
/// high) at the counters (0, 1, …; place; purpose), the last word of which no projection uses.
/// </summary>
internal struct PhiloxSequence(ulong seed, uint place, uint purpose)
{
    /// <summary>For the weights of the initializer of that place.</summary>
    public const uint Weights = 100;

    /// <summary>For the order of examples in the epoch of that place.</summary>
    public const uint Order = 101;

    private (uint X, uint Y, uint Z, uint W) _block;
    private ulong _next;

    /// <summary>The next 32 bits.</summary>
    public uint Next()
    {
        if (_next % 4 == 0)
        {
            ulong counter = _next / 4;
            _block = Philox.Block((uint)counter, (uint)(counter >> 32), place, purpose, (uint)seed, (uint)(seed >> 32));
        }

        return (_next++ % 4) switch { 0 => _block.X, 1 => _block.Y, 2 => _block.Z, _ => _block.W };
    }

    /// <summary>A multiple of 2⁻²⁴ in [0, 1).</summary>
    public float Uniform() => (Next() >> 8) * (1f / (1 << 24));

    /// <summary>A whole number below a limit, without bias (Lemire 2019).</summary>
    public int Below(int limit)
    {
        ulong product = (ulong)Next() * (uint)limit;
        if ((uint)product < (uint)limit)
        {
            uint threshold = (0u - (uint)limit) % (uint)limit;
            while ((uint)product < threshold) product = (ulong)Next() * (uint)limit;
        }

        return (int)(product >> 32);
    }

    /// <summary>Puts values in random order (Fisher and Yates).</summary>
    public void Shuffle(Span<long> values)
    {
        for (int i = values.Length - 1; i > 0; i--)
        {
            int other = Below(i + 1);
            (values[i], values[other]) = (values[other], values[i]);
        }
    }
}
