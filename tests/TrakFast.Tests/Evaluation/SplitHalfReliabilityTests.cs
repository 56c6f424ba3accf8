using TrakFast.Evaluation;

namespace TrakFast.Tests.Evaluation;

public sealed class SplitHalfReliabilityTests
{
    [TestCase(2, 1.0)]
    [TestCase(3, 1.0)]
    [TestCase(5, 2.0)]
    [TestCase(8, 1.5)]
    [TestCase(8, 5.0)]
    public void Known_noise_gives_the_known_ceiling(int repeats, double noise)
    {
        const int S = 400, M = 30;
        (float[] truth, float[] margins) = Noisy(repeats, S, M, noise);
        var reliability = SplitHalfReliability.Compute(margins, repeats, S);
        double rho = 1 / (1 + (noise * noise / repeats));
        Assert.That(reliability.Reliability, Is.EqualTo(rho).Within(.04));
        Assert.That(reliability.Ceiling, Is.EqualTo(Math.Sqrt(rho)).Within(.03));

        // What the truth itself reaches.
        float[] mean = new RetrainingMargins(margins, repeats, S, M).Mean();
        double reached = Enumerable.Range(0, M).Average(j => Spearman.Correlation(
            Enumerable.Range(0, S).Select(s => truth[(s * M) + j]).ToArray(),
            Enumerable.Range(0, S).Select(s => mean[(s * M) + j]).ToArray()));
        Assert.That(reliability.Ceiling, Is.EqualTo(reached).Within(.03));
    }

    [Test]
    public void By_hand()
    {
        // Two trainings, ranks 1 2 3 4 and 1 3 2 4: r = .8, ρ = 1.6 / 1.8.
        var reliability = SplitHalfReliability.Compute([1, 2, 3, 4, 10, 30, 20, 40], 2, 4);
        Assert.That(reliability.Correlation, Is.EqualTo(.8).Within(1e-12));
        Assert.That(reliability.Reliability, Is.EqualTo(1.6 / 1.8).Within(1e-12));
        Assert.That(reliability.Ceiling, Is.EqualTo(Math.Sqrt(1.6 / 1.8)).Within(1e-12));
        Assert.That(reliability.Splits, Is.EqualTo(1));
    }

    [Test]
    public void The_same_margins_every_time_are_perfectly_reliable_and_noise_is_not()
    {
        float[] once = [.. Enumerable.Range(0, 100).Select(static i => (float)(i * 37 % 101))];
        Assert.That(SplitHalfReliability.Compute([.. once, .. once, .. once, .. once], 4, 50).Ceiling, Is.EqualTo(1).Within(1e-12));
        (_, float[] margins) = Noisy(8, 400, 30, 1000);
        Assert.That(SplitHalfReliability.Compute(margins, 8, 400).Correlation, Is.EqualTo(0).Within(.03));
    }

    [Test]
    public void What_cannot_be_split_is_refused()
    {
        Assert.Catch<TrakException>(() => SplitHalfReliability.Compute(new float[10], 1, 10));
        Assert.Catch<TrakException>(() => SplitHalfReliability.Compute(new float[10], 2, 1));
        Assert.Catch<TrakException>(() => SplitHalfReliability.Compute(new float[11], 2, 5));
    }

    private static (float[] Truth, float[] Margins) Noisy(int repeats, int subsets, int targets, double noise)
    {
        var random = new SeededRandom(17, (ulong)repeats);
        float[] truth = new float[subsets * targets];
        foreach (ref float value in truth.AsSpan()) value = (float)random.Normal();
        float[] margins = new float[repeats * truth.Length];
        for (int at = 0; at < margins.Length; at++) margins[at] = truth[at % truth.Length] + (float)(noise * random.Normal());
        return (truth, margins);
    }
}
