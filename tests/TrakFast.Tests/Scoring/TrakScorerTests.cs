using TrakFast.Kernels;
using TrakFast.Tests.Support;

namespace TrakFast.Tests.Scoring;

/// <summary>Scores against vectors worked out by hand.</summary>
public sealed class TrakScorerTests
{
    private static readonly float[] Phi = [1, 0, 0, 1, 1, 1, 2, -1];
    private static readonly float[] Q = [0.5f, 0.25f, 1, 0];
    private static readonly float[] Targets = [1, 2, -1, 1];
    private TemporaryDirectory _directory = null!;
    private CpuBackend _backend = null!;

    [SetUp]
    public void SetUp()
    {
        _directory = new TemporaryDirectory();
        _backend = new CpuBackend(Workers.Single);
    }

    [TearDown]
    public void TearDown()
    {
        _backend.Dispose();
        _directory.Dispose();
    }

    [Test]
    public void UnscaledScoresAtLambdaZero() =>
        Check(ScoreScaling.Unit, Lambda.Absolute(0), [5f / 34, -1f / 17, 13f / 68, 5f / 68, 18f / 17, 3f / 17, 0, 0]);

    [Test]
    public void UnscaledScoresAtAbsoluteLambdaOne() =>
        Check(ScoreScaling.Unit, Lambda.Absolute(1), [1f / 9, -1f / 18, 5f / 36, 1f / 18, 7f / 9, 1f / 9, 0, 0]);

    [Test]
    public void TrakScalingAtLambdaZero() =>
        Check(ScoreScaling.TrakPython, Lambda.Absolute(0), [10f / 11, -4f / 11, 13f / 11, 5f / 11, 72f / 11, 12f / 11, 0, 0]);

    [Test]
    public void RelativeLambdaCountsInMeanEigenvalues()
    {
        // trace(ΦᵀΦ) = 9 and min(n, k) = 2, so 2/9 relative is 1 absolute.
        Check(ScoreScaling.Unit, Lambda.Relative(2.0 / 9), [1f / 9, -1f / 18, 5f / 36, 1f / 18, 7f / 9, 1f / 9, 0, 0]);
    }

    [Test]
    public void CheckpointsAverageAsMeanOfScoresTimesMeanOfQ()
    {
        // One feature, λ chosen so that τ is 2 under one model and 4 under the other; Q is 1 and 0.
        using TrakStore store = HandStore.Create(_directory["run"], 1, [([1f], [1f], [2f]), ([1f], [0f], [4f])]);
        Assert.That(Final(store, Lambda.Absolute(0), Weighting.Trak)[0, 0], Is.EqualTo(1.5f).Within(1e-6));
    }

    [Test]
    public void LossWeightingPutsQInsideTheKernelMatrix()
    {
        using TrakStore store = HandStore.Create(_directory["run"], 1, [([1f, 2f], [0.5f, 1f], [3f])]);

        // Q φ = [0.5, 2], kernel 4.25, + λ = 5.25; scores Q_i φ_i · 3 / 5.25.
        using Scores scores = Final(store, Lambda.Absolute(1), Weighting.Loss);
        Assert.Multiple(() =>
        {
            Assert.That(scores[0, 0], Is.EqualTo(0.5f * 3 / 5.25f).Within(1e-6));
            Assert.That(scores[1, 0], Is.EqualTo(2f * 3 / 5.25f).Within(1e-6));
        });
    }

    [Test]
    public void SelfInfluenceIsTheDiagonalOfTheScores()
    {
        // ΦᵀΦ = [[6, −1], [−1, 3]], so (ΦᵀΦ + I)⁻¹ = [[4, 1], [1, 7]] / 27 and φᵀ(ΦᵀΦ + I)⁻¹φ = [4, 7, 13, 19] / 27.
        using TrakStore store = HandStore.Create(_directory["run"], 2, [(Phi, Q, Targets)]);
        float[] self = new TrakScorer(store, _backend, Lambda.Absolute(1), Weighting.Trak).SelfInfluence();
        Assert.That(self, Is.EqualTo(new[] { 2 / 27f, 1.75f / 27f, 13 / 27f, 0 }).Within(1e-6f));
    }

    [Test]
    public void SelfInfluenceWithLossWeightingHasQOnBothSides()
    {
        using TrakStore store = HandStore.Create(_directory["run"], 1, [([1f, 2f], [0.5f, 1f], [3f])]);
        float[] self = new TrakScorer(store, _backend, Lambda.Absolute(1), Weighting.Loss).SelfInfluence();
        Assert.That(self, Is.EqualTo(new[] { 0.25f / 5.25f, 4 / 5.25f }).Within(1e-6f));
    }

    [Test]
    public void LambdaZeroWithMoreDirectionsThanExamplesSaysWhichLambdaDoes()
    {
        using TrakStore store = HandStore.Create(_directory["run"], 3, [([1, 0, 1, 0, 1, 1], [1, 1], [1, 1, 1])]);
        TrakException error = Assert.Throws<SingularKernelException>(() => Final(store, Lambda.Absolute(0), Weighting.Trak))!;
        Assert.That(error.Message, Does.Contain("λ = 0").And.Contain("2 examples").And.Contain("k = 3").And.Contain("1e-6"));
        Assert.DoesNotThrow(() => Final(store, Lambda.Relative(1e-6), Weighting.Trak).Dispose());
    }

    [Test]
    public void DependentFeaturesAtLambdaZeroAreRefused()
    {
        using TrakStore store = HandStore.Create(_directory["run"], 2, [([1, 2, 2, 4, 3, 6], [1, 1, 1], [1, 1])]);
        TrakException error = Assert.Throws<SingularKernelException>(() => Final(store, Lambda.Absolute(0), Weighting.Trak))!;
        Assert.That(error.Message, Does.Contain("not positive definite"));
    }

    [Test]
    public void AnotherLambdaThanTheFinalizedOneIsNoticed()
    {
        using TrakStore store = HandStore.Create(_directory["run"], 2, [(Phi, Q, Targets)]);
        new TrakScorer(store, _backend, Lambda.Relative(1), Weighting.Trak).FinalizeFeatures(0);
        TrakException error =
            Assert.Catch<TrakException>(() => new TrakScorer(store, _backend, Lambda.Relative(2), Weighting.Trak).FinalizeScores("val"))!;
        Assert.That(error.Message, Does.Contain("1 relative").And.Contain("2 relative"));
    }

    [Test]
    public void ScoringBeforeFinalizingIsRefused()
    {
        using TrakStore store = HandStore.Create(_directory["run"], 2, [(Phi, Q, Targets)]);
        TrakException error =
            Assert.Catch<TrakException>(() => new TrakScorer(store, _backend, Lambda.Relative(1), Weighting.Trak).FinalizeScores("val"))!;
        Assert.That(error.Message, Does.Contain("not finalized"));
    }

    [Test]
    public void StrongestAreSortedWithTiesToTheLowerIndex()
    {
        using TrakStore store = HandStore.Create(_directory["run"], 1, [([1, 3, 3, -2, 0.5f], [1, 1, 1, 1, 1], [1f])]);
        using Scores scores = Final(store, Lambda.Relative(1), Weighting.Trak);
        Assert.Multiple(() =>
        {
            Assert.That(scores.Top(0, 3).Select(static s => s.Index), Is.EqualTo(new long[] { 1, 2, 0 }));
            Assert.That(scores.Bottom(0, 2).Select(static s => s.Index), Is.EqualTo(new long[] { 3, 4 }));
            Assert.That(scores.Top(0, 9), Has.Count.EqualTo(5));
            Assert.That(scores.Top(0, 0), Is.Empty);
        });
    }

    [Test]
    public void TopSinkAgreesWithTheWholeMap()
    {
        Random random = new(3);
        float[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)random.NextDouble() - 0.5f)];
        using TrakStore store = HandStore.Create(_directory["run"], 5, [(Draw(200), Draw(40), Draw(35)), (Draw(200), Draw(40), Draw(35))]);
        using Scores scores = Final(store, Lambda.Relative(1), Weighting.Trak);
        TopSink sink = new(7, 4);
        new TrakScorer(store, _backend, Lambda.Relative(1), Weighting.Trak).Score("val", sink);
        for (int target = 0; target < 7; target++)
        {
            Assert.That(
                sink.Highest(target).ToArray().Select(static s => s.Index), Is.EqualTo(scores.Top(target, 4).Select(static s => s.Index)));
            Assert.That(
                sink.Lowest(target).ToArray().Select(static s => s.Index),
                Is.EqualTo(scores.Bottom(target, 4).Select(static s => s.Index)));
        }
    }

    private void Check(ScoreScaling scaling, Lambda lambda, float[] expected)
    {
        using TrakStore store = HandStore.Create(_directory["run"], 2, [(Phi, Q, Targets)], scaling);
        using Scores scores = Final(store, lambda, Weighting.Trak);
        for (int i = 0; i < 4; i++)
        {
            for (int j = 0; j < 2; j++) Assert.That(scores[i, j], Is.EqualTo(expected[(i * 2) + j]).Within(1e-6), $"score {i}, {j}");
        }
    }

    private Scores Final(TrakStore store, Lambda lambda, Weighting weighting)
    {
        TrakScorer scorer = new(store, _backend, lambda, weighting);
        foreach (int modelId in store.ModelIds) scorer.FinalizeFeatures(modelId);
        return scorer.FinalizeScores("val");
    }
}
