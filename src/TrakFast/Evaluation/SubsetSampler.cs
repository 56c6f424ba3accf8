namespace TrakFast.Evaluation;

/// <summary>
/// Draws the random α-subsets of the training set that the linear datamodeling score is measured on (Park et al. 2023, §2;
/// Ilyas et al. 2022).
/// </summary>
public static class SubsetSampler
{
    /// <summary>
    /// Draws S subsets of exactly ⌊α·n⌋ examples each, uniformly. Subset s depends on n, α, the seed and s alone: asking
    /// for more subsets never changes the first ones.
    /// </summary>
    /// <param name="universe">Number of training examples n.</param>
    /// <param name="count">Number of subsets S.</param>
    /// <param name="fraction">α, above 0 and below 1; half the training set unless given.</param>
    /// <param name="seed">The seed.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    /// <exception cref="TrakException">The subsets would be empty.</exception>
    public static Subsets Sample(long universe, int count, double fraction = 0.5, ulong seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(universe, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (!(fraction is > 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(fraction), fraction, "The fraction lies between 0 and 1.");

        // In decimal, so that .29 of 100 is 29 and not 28.
        long size = (long)((decimal)fraction * universe);
        if (size == 0) throw new TrakException($"{fraction} of {universe} examples is none; choose a larger fraction.");
        ulong[][] masks = new ulong[count][];
        for (int s = 0; s < count; s++) masks[s] = Draw(universe, size, new SeededRandom(seed, (ulong)s));
        return new Subsets(masks, universe);
    }

    // Selection sampling (Knuth, vol. 2, §3.4.2, algorithm S): each example in turn is taken with the probability that is left.
    private static ulong[] Draw(long universe, long size, SeededRandom random)
    {
        ulong[] mask = new ulong[(universe + 63) / 64];
        for (long i = 0, wanted = size; wanted > 0; i++)
        {
            if (random.Below(universe - i) >= wanted) continue;
            mask[i >> 6] |= 1UL << (int)(i & 63);
            wanted--;
        }

        return mask;
    }
}
