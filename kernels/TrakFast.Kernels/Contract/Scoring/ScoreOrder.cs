namespace TrakFast.Kernels;

/// <summary>
/// Scores as whole numbers that compare as the scores do, so that a device ranks them by integers: by score, then by the lower
/// row. 0 and −0 are one score. In terms of bits, because kernels and the host read a float32's bits in different ways.
/// </summary>
public static class ScoreOrder
{
    /// <summary>A number that rises with the score.</summary>
    /// <param name="bits">The score's bits; not those of a NaN.</param>
    public static uint Rising(uint bits)
    {
        if (bits == 0x80000000) bits = 0;
        return (bits & 0x80000000) != 0 ? ~bits : bits | 0x80000000;
    }

    /// <summary>The score's bits from <see cref="Rising"/>.</summary>
    public static uint Bits(uint rising) => (rising & 0x80000000) != 0 ? rising & 0x7FFFFFFF : ~rising;

    /// <summary>A candidate for the highest (end 0) or lowest (end 1) scores; as an unsigned number, the better one is smaller.</summary>
    public static long Key(uint bits, int end, uint row)
    {
        uint rising = Rising(bits);
        return (long)(((ulong)(end == 0 ? ~rising : rising) << 32) | row);
    }

    /// <summary>The bits of a candidate's score.</summary>
    public static uint ScoreOf(long key, int end)
    {
        uint order = (uint)((ulong)key >> 32);
        return Bits(end == 0 ? ~order : order);
    }

    /// <summary>The row of a candidate.</summary>
    public static uint RowOf(long key) => (uint)key;

    /// <summary>A signed number that rises with the score, as which bars are kept.</summary>
    public static int Bar(uint bits) => (int)(Rising(bits) ^ 0x80000000);

    /// <summary>The bits of a bar's score.</summary>
    public static uint BarBits(int bar) => Bits((uint)bar ^ 0x80000000);
}
