using TrakFast.Evaluation;

namespace TrakFast.Tests.Evaluation;

public sealed class SpearmanTests
{
    [TestCase(new double[] { 1, 2, 2, 3 }, new double[] { 1, 3, 2, 4 }, 0.9486832981)]
    [TestCase(new double[] { 1, 2, 3, 4, 5 }, new double[] { 5, 6, 7, 8, 7 }, 0.8207826817)]
    [TestCase(new double[] { 1, 2, 3 }, new double[] { -1, -2, -3 }, -1)]
    [TestCase(new double[] { 1, 2, 3 }, new double[] { double.NegativeInfinity, 0, double.PositiveInfinity }, 1)]
    [TestCase(new double[] { 2, 2, 2 }, new double[] { 1, 2, 3 }, 0)]
    [TestCase(new double[] { }, new double[] { }, 0)]
    public void Known_values(double[] a, double[] b, double expected)
    {
        Assert.That(Spearman.Correlation(a, b), Is.EqualTo(expected).Within(1e-10));
        Assert.That(Spearman.Correlation(b, a), Is.EqualTo(expected).Within(1e-10));
    }

    [Test]
    public void Ties_share_the_mean_of_their_ranks() =>
        Assert.That(Spearman.Ranks([3, 1, 3, 0, 3, 1]), Is.EqualTo(new[] { 5, 2.5, 5, 1, 5, 2.5 }));

    [Test]
    public void Zeros_of_either_sign_are_equal() => Assert.That(Spearman.Ranks([0.0, -0.0]), Is.EqualTo(new[] { 1.5, 1.5 }));

    [Test]
    public void Any_increasing_function_changes_nothing()
    {
        var random = new Random(1);
        double[] a = [.. Enumerable.Range(0, 100).Select(_ => random.NextDouble())];
        double[] b = [.. a.Select(v => v + random.NextDouble())];
        double expected = Spearman.Correlation(a, b);
        Assert.That(Spearman.Correlation([.. a.Select(Math.Exp)], [.. b.Select(static v => (v * v * v) + 7)]), Is.EqualTo(expected));
        Assert.That(expected, Is.InRange(.5, .9));
    }

    [Test]
    public void NaN_is_refused() => Assert.Catch<TrakException>(() => Spearman.Correlation([1, double.NaN], [1.0, 2]));
}
