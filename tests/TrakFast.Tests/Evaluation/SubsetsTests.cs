using TrakFast.Evaluation;
using TrakFast.Tests.Support;

namespace TrakFast.Tests.Evaluation;

public sealed class SubsetsTests
{
    [TestCase(10, .5, 5)]
    [TestCase(11, .5, 5)]
    [TestCase(100, .29, 29)]
    [TestCase(100, .01, 1)]
    [TestCase(129, .99, 127)]
    [TestCase(64, .5, 32)]
    public void Every_subset_has_exactly_its_share(int universe, double fraction, long size)
    {
        Subsets subsets = SubsetSampler.Sample(universe, 50, fraction, seed: 3);
        for (int s = 0; s < 50; s++)
        {
            long[] members = subsets.Members(s);
            Assert.That(subsets.Size(s), Is.EqualTo(size));
            Assert.That(members, Has.Length.EqualTo(size).And.Ordered.And.Unique);
            Assert.That(Enumerable.Range(0, universe).Where(i => subsets.Contains(s, i)).Select(static i => (long)i), Is.EqualTo(members));
        }
    }

    [Test]
    public void Every_example_and_every_pair_is_as_likely_as_any_other()
    {
        const int N = 8, S = 20_000;
        Subsets subsets = SubsetSampler.Sample(N, S);
        for (int i = 0; i < N; i++)
        {
            Assert.That(Enumerable.Range(0, S).Count(s => subsets.Contains(s, i)) / (double)S, Is.EqualTo(.5).Within(.02));
            for (int j = 0; j < i; j++)
                Assert.That(
                    Enumerable.Range(0, S).Count(s => subsets.Contains(s, i) && subsets.Contains(s, j)) / (double)S,
                    Is.EqualTo(3.0 / 14).Within(.02));
        }
    }

    [Test]
    public void The_seed_decides_and_more_subsets_change_none()
    {
        Subsets few = SubsetSampler.Sample(100, 3, seed: 1),
            many = SubsetSampler.Sample(100, 9, seed: 1),
            others = SubsetSampler.Sample(100, 3, seed: 2);
        for (int s = 0; s < 3; s++)
        {
            Assert.That(many.Members(s), Is.EqualTo(few.Members(s)));
            Assert.That(others.Members(s), Is.Not.EqualTo(few.Members(s)));
        }
    }

    [Test]
    public void Files_and_arrays_hold_the_same_subsets()
    {
        using var folder = new TemporaryDirectory();
        Subsets subsets = SubsetSampler.Sample(131, 7, .3);
        subsets.Write(folder["subsets.npy"]);
        Subsets read = Subsets.Read(folder["subsets.npy"]), from = Subsets.From(NpyFile.Read(folder["subsets.npy"]));
        Assert.That((read.Count, read.Universe), Is.EqualTo((7, 131L)));
        for (int s = 0; s < 7; s++)
        {
            Assert.That(read.Members(s), Is.EqualTo(subsets.Members(s)));
            Assert.That(from.Members(s), Is.EqualTo(subsets.Members(s)));
        }

        NpyFile.Write(folder["other.npy"], DataArray.From([1f], 1, 1));
        Assert.That(Assert.Catch<TrakException>(() => Subsets.Read(folder["other.npy"]))!.Message, Does.Contain("Bool [S, n] is wanted"));
    }

    [Test]
    public void Empty_subsets_are_refused() => Assert.Catch<TrakException>(() => SubsetSampler.Sample(1, 3));
}
