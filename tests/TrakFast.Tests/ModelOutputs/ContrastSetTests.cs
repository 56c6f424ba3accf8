namespace TrakFast.Tests.ModelOutputs;

public sealed class ContrastSetTests
{
    [Test]
    public void ADrawIsAFunctionOfItsSeedAndSize()
    {
        Assert.That(Draw(1000, 40, 3), Is.EqualTo(Draw(1000, 40, 3)));
        Assert.That(Draw(1000, 40, 3), Is.Not.EqualTo(Draw(1000, 40, 4)));
        Assert.That(Draw(1000, 40, 3), Has.Count.EqualTo(40).And.Unique.And.Ordered.And.All.InRange(0L, 999L));
    }

    [Test]
    public void EveryExampleIsDrawnAsOftenAsAnyOther()
    {
        // 2,000 draws of 5 from 20: 500 expected of each. Without repetition in a draw, each count has variance 375.
        const int Draws = 2000;
        int[] counts = new int[20];
        int[,] pairs = new int[20, 20];
        for (ulong seed = 0; seed < Draws; seed++)
        {
            IReadOnlyList<long> drawn = Draw(20, 5, seed);
            foreach (long i in drawn)
            {
                counts[i]++;
                foreach (long j in drawn) pairs[i, j]++;
            }
        }

        // Chi-square over 19 degrees of freedom, in units of the hypergeometric variance: 43.8 is exceeded once in 1,000.
        double chi = counts.Sum(static c => Math.Pow(c - 500, 2)) / 375 * 19 / 20;
        Assert.That(chi, Is.LessThan(43.8), string.Join(" ", counts));
        Assert.That(counts[0], Is.GreaterThan(0), "index 0 can be drawn");

        // A pair is drawn with probability 5·4/(20·19): 105 expected, standard deviation 10.
        for (int i = 0; i < 20; i++)
        {
            for (int j = 0; j < i; j++) Assert.That(pairs[i, j], Is.InRange(55, 155), $"{i} with {j}");
        }
    }

    [Test]
    public void AllCanBeDrawnAndFewAreAllByDefault()
    {
        Assert.That(Draw(7, 7, 0), Is.EqualTo(new long[] { 0, 1, 2, 3, 4, 5, 6 }));
        Assert.That(Draw(9, null, 0), Has.Count.EqualTo(9));
        Assert.That(Draw(5000, null, 0), Has.Count.EqualTo(300));
    }

    [Test]
    public void IndicesAreSortedAndWrittenInRanges()
    {
        ContrastSet set = new([9, 3, 2, 1, 7], 10, Nothing);
        Assert.That(set.Indices, Is.EqualTo(new long[] { 1, 2, 3, 7, 9 }));
        Assert.That($"{set}", Is.EqualTo("1-3,7,9"));
    }

    [TestCase(new long[] { }, "two examples or more; 0 came")]
    [TestCase(new long[] { 4 }, "two examples or more; 1 came")]
    [TestCase(new long[] { 4, 2, 4 }, "training example 4 twice")]
    [TestCase(new long[] { 4, 10 }, "training example 10; there are 10")]
    [TestCase(new long[] { 4, -1 }, "training example -1; there are 10")]
    public void AChoiceThatIsNoneIsRefused(long[] indices, string part) =>
        Assert.That(() => new ContrastSet(indices, 10, Nothing), Throws.InstanceOf<TrakException>().With.Message.Contains(part));

    [TestCase(1)]
    [TestCase(11)]
    public void ASizeOutOfRangeIsRefused(int size) =>
        Assert.That(
            () => Draw(10, size, 0),
            Throws.InstanceOf<TrakException>().With.Message.Contains("between 2 and all 10").And.Message.Contains($"{size} were"));

    private static IReadOnlyList<long> Draw(long n, int? size, ulong seed) => ContrastSet.Draw(n, size, seed, Nothing).Indices;

    private static Batch Nothing(IReadOnlyList<long> rows) => throw new NotSupportedException();
}
