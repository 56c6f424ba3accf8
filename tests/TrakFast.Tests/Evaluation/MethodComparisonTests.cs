using TrakFast.Evaluation;
using TrakFast.Kernels;
using TrakFast.Tests.Support;

namespace TrakFast.Tests.Evaluation;

/// <summary>The LDS of every method from one save directory, streamed.</summary>
public sealed class MethodComparisonTests
{
    private TemporaryDirectory _directory = null!;
    private CpuBackend _backend = null!;

    [SetUp]
    public void SetUp() => (_directory, _backend) = (new TemporaryDirectory(), new CpuBackend(Workers.Single));

    [TearDown]
    public void TearDown()
    {
        _backend.Dispose();
        _directory.Dispose();
    }

    [TestCase(ScoreScaling.Unit)]
    [TestCase(ScoreScaling.TrakPython)]
    public void StreamedScoresGiveTheSameBitsAsTheWholeMatrix(ScoreScaling scaling)
    {
        const int N = 2500, M = 17, K = 12;
        using TrakStore store = Store(N, M, K, models: 3, scaling);
        (Subsets subsets, RetrainingMargins margins) = Study(N, M, 20);
        IReadOnlyList<MethodLds> methods = new MethodComparison(store, _backend, "val", subsets, margins, [0, 2]).Measure(Lambda.Default);

        List<(string Name, float[] Scores)> whole = [("TRAK", Scores(Lambda.Default, Weighting.Trak))];
        if (scaling == ScoreScaling.Unit) whole.Add(("TRAK, loss weighting", Scores(Lambda.Default, Weighting.Loss)));
        whole.Add(("TRAK at λ = 0", Scores(Lambda.Absolute(0), Weighting.Trak)));
        whole.Add(("gradient dot product", Products()));
        whole.Add(("random", Baselines.Random(N, M, seed: 1)));
        Assert.That(methods.Select(static m => m.Name), Is.EqualTo(whole.Select(static w => w.Name)));
        foreach ((MethodLds method, (string name, float[] scores)) in methods.Zip(whole))
        {
            var expected = LinearDatamodelingScore.Compute(RowBlocks.From(scores, M), subsets, margins.Mean());
            Assert.That(method.Lds!.PerTarget, Is.EqualTo(expected.PerTarget), name);
            Assert.That((method.Lds.Low, method.Lds.High), Is.EqualTo((expected.Low, expected.High)), name);
            Assert.That(method.IsOwn, Is.EqualTo(name is "TRAK" or "TRAK, loss weighting"), name);
        }

        float[] Scores(Lambda lambda, Weighting weighting)
        {
            float[] scores = new float[N * M];
            TileSink sink = new(M, (first, tile) => tile.CopyTo(scores.AsSpan((int)first * M)));
            new TrakScorer(store, _backend, lambda, weighting).Score("val", sink, [0, 2]);
            return scores;
        }

        float[] Products()
        {
            CheckpointFeatures[] checkpoints = [.. new[] { 0, 2 }.Select(id => new CheckpointFeatures(
                RowBlocks.From(Rows(store.ReadFeatures(id)), K), Rows(store.ReadTargetFeatures(id, "val")), K, store.ReadOutToLoss(id)))];
            return Baselines.GradientDotProduct(checkpoints, Workers.Single).ToArray(N, M);
        }
    }

    [Test]
    public void MemoryGrowsNeitherWithScoresNorWithFeatures()
    {
        // [n, m] would take 16 MB and [n, k] 10 MB; the few numbers that each training example takes for each method, 2 MB.
        const int N = 20_000, M = 200, K = 128;
        using TrakStore store = Store(N, M, K, models: 1);
        (Subsets subsets, RetrainingMargins margins) = Study(N, M, 3);
        MethodComparison comparison = new(store, _backend, "val", subsets, margins);
        long before = GC.GetAllocatedBytesForCurrentThread();
        comparison.Measure(Lambda.Default);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        TestContext.Out.WriteLine($"{allocated:N0} bytes");
        Assert.That(allocated, Is.LessThan(4 << 20));
    }

    [Test]
    public void NoBufferIsLeftAlive()
    {
        using TrakStore store = Store(60, 5, 8, models: 2);
        (Subsets subsets, RetrainingMargins margins) = Study(60, 5, 10);
        MethodComparison comparison = new(store, _backend, "val", subsets, margins);
        comparison.Measure(Lambda.Default);

        // The backend and its threads keep scratch memory from their first product on.
        long alive = NativeBuffers.Alive;
        comparison.Measure(Lambda.Default);
        Assert.That(NativeBuffers.Alive, Is.EqualTo(alive));
    }

    [Test]
    public void CheckpointsAreThoseAskedForOrThoseOfTheFinalScores()
    {
        using TrakStore store = Store(60, 5, 8, models: 3);
        (Subsets subsets, RetrainingMargins margins) = Study(60, 5, 10);
        Assert.That(new MethodComparison(store, _backend, "val", subsets, margins).ModelIds, Is.EqualTo(new[] { 0, 1, 2 }));
        TrakScorer scorer = new(store, _backend, Lambda.Default);
        foreach (int id in new[] { 0, 2 }) scorer.FinalizeFeatures(id);
        scorer.FinalizeScores("val", [0, 2]).Dispose();
        MethodComparison scored = new(store, _backend, "val", subsets, margins), other = new(store, _backend, "val", subsets, margins, [1]);
        Assert.That((scored.ModelIds, other.ModelIds), Is.EqualTo((new[] { 0, 2 }, new[] { 1 })));
        IReadOnlyList<double> one = other.Trak(Lambda.Default, Weighting.Loss).PerTarget;
        Assert.That(scored.Trak(Lambda.Default, Weighting.Loss, [1]).PerTarget, Is.EqualTo(one));
        Assert.That(scored.Trak(Lambda.Default, Weighting.Loss).PerTarget, Is.Not.EqualTo(one));
    }

    [Test]
    public void AKernelMatrixThatIsSingularWithoutLambdaCostsOneMethodAlone()
    {
        // Six examples in eight dimensions.
        using TrakStore store = Store(6, 3, 8, models: 1);
        (Subsets subsets, RetrainingMargins margins) = Study(6, 3, 10);
        IReadOnlyList<MethodLds> methods = new MethodComparison(store, _backend, "val", subsets, margins).Measure(Lambda.Default);
        Assert.That(methods.Where(static m => m.Lds is null).Select(static m => m.Name), Is.EqualTo(new[] { "TRAK at λ = 0" }));
    }

    [Test]
    public void WhatDoesNotFitIsSaid()
    {
        using TrakStore store = Store(60, 5, 8, models: 1);
        (Subsets subsets, RetrainingMargins margins) = Study(60, 5, 10);
        Fails("of 4 targets; experiment 'val' has 5", subsets, Study(60, 4, 10).Margins);
        Fails("on 9 subsets; there are 10", subsets, Study(60, 5, 9).Margins);
        Fails("of 50 training examples; the store has 60", Study(50, 5, 10).Subsets, margins);
        Fails("no experiment 'other'", subsets, margins, "other");

        void Fails(string part, Subsets someSubsets, RetrainingMargins someMargins, string experiment = "val") => Assert.That(
            Assert.Catch<TrakException>(() => new MethodComparison(store, _backend, experiment, someSubsets, someMargins))!.Message,
            Does.Contain(part));
    }

    private static float[] Rows(NpyRowsFile file)
    {
        using (file)
        {
            float[] rows = new float[file.Rows * file.Width];
            file.ReadRows(0, rows);
            return rows;
        }
    }

    private static (Subsets Subsets, RetrainingMargins Margins) Study(int n, int m, int count) =>
        (SubsetSampler.Sample(n, count, seed: 5), new RetrainingMargins(Baselines.Random(2 * count, m, seed: 6), 2, count, m));

    private TrakStore Store(int n, int m, int k, int models, ScoreScaling scaling = ScoreScaling.Unit) => HandStore.Create(
        _directory["store"],
        k,
        [.. Enumerable.Range(0, models).Select(id => (
            Baselines.Random(n, k, seed: (ulong)id),
            Baselines.Random(n, 1, seed: 100 + (ulong)id).Select(static v => 1 / (1 + MathF.Exp(v))).ToArray(),
            Baselines.Random(m, k, seed: 200 + (ulong)id)))],
        scaling);
}
