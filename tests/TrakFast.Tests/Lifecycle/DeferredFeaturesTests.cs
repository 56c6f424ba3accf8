using TrakFast.Kernels;
using TrakFast.Tests.Support;

namespace TrakFast.Tests.Lifecycle;

/// <summary>Features of a backend that runs behind: they are written while the next batch is under way, and none is lost.</summary>
public sealed class DeferredFeaturesTests
{
    private TemporaryDirectory _directory = null!;
    private ConformanceCase _case = null!;
    private DeferredBackend _backend = null!;

    [SetUp]
    public void SetUp()
    {
        _directory = new TemporaryDirectory();
        _case = new ConformanceCase("mlp");
        _backend = new DeferredBackend();
    }

    [TearDown]
    public void TearDown()
    {
        _backend.Dispose();
        _case.Dispose();
        _directory.Dispose();
    }

    [Test]
    public void ABatchIsWrittenWhenTheNextOneIsUnderWay()
    {
        using Traker traker = Create("run", _backend);
        traker.LoadCheckpoint(_case.Checkpoints[0], 0);
        traker.Featurize(_case.Train.Rows(0, 40));
        Assert.That((traker.DoneCount, _backend.Started, _backend.Completed), Is.EqualTo((0, 1, 0)));
        traker.Featurize(_case.Train.Rows(40, 40));
        Assert.That((traker.DoneCount, _backend.Started, _backend.Completed), Is.EqualTo((40, 2, 1)));
        traker.Featurize(_case.Train.Rows(80, 16));
        traker.FinalizeFeatures();
        Assert.That((_backend.Started, _backend.Completed), Is.EqualTo((3, 3)));
    }

    [Test]
    public async Task ScoresAreThoseOfABackendThatWaits()
    {
        using CpuBackend waits = new(Workers.Single);
        float[] expected = await ScoresAsync("waits", waits), actual = await ScoresAsync("deferred", _backend);
        Assert.That(actual, Is.EqualTo(expected).And.Some.Not.Zero);
    }

    [Test]
    public async Task TheLastBatchIsDoneWhenAWholeSetIs()
    {
        List<long> done = [];
        using Traker traker = Create("run", _backend);
        traker.LoadCheckpoint(_case.Checkpoints[0], 0);
        await traker.FeaturizeAsync(Batches(_case.Train, 40), new Recorder(done));
        Assert.That(done, Is.EqualTo(new long[] { 0, 40, 80, 96 }));
        Assert.That(traker.DoneCount, Is.EqualTo(96));
    }

    [Test]
    public void WhatIsPendingIsNotDoneTwice()
    {
        using Traker traker = Create("run", _backend);
        traker.LoadCheckpoint(_case.Checkpoints[0], 0);
        traker.Featurize(_case.Train.Rows(0, 40));
        traker.Featurize(_case.Train.Rows([5, 70]), [5, 70]);
        traker.Featurize(_case.Train.Rows([70]), [70]);
        Assert.That((traker.DoneCount, _backend.Started), Is.EqualTo((41L, 2)));
    }

    [Test]
    public void AStoppedRunKeepsTheLastBatch()
    {
        using (Traker traker = Create("run", _backend))
        {
            traker.LoadCheckpoint(_case.Checkpoints[0], 0);
            traker.Featurize(_case.Train.Rows(0, 40));
        }

        using Traker again = Create("run", _backend);
        again.LoadCheckpoint(_case.Checkpoints[0], 0);
        Assert.That(again.DoneCount, Is.EqualTo(40));
    }

    [Test]
    public void AnExampleThatIsNotFiniteIsNamedWithTheNextBatchAndTheNextBatchIsKept()
    {
        float[] pixels = _case.Train["image"].ToFloats();

        // Finite pixels and a finite f, and a gradient beyond float32.
        for (int i = 0; i < 64; i++) pixels[(7 * 64) + i] = 1e37f;
        Batch train = new(("image", DataArray.From(pixels, [.. _case.Train["image"].Shape])), ("label", _case.Train["label"]));
        using Traker traker = Create("run", _backend, ProjectionKind.Rademacher);
        traker.LoadCheckpoint(_case.Checkpoints[0], 0);
        traker.Featurize(train.Rows(0, 10));
        Assert.That(
            () => traker.Featurize(train.Rows(10, 10)), Throws.InstanceOf<TrakException>().With.Message.Contains("training example 7"));
        traker.Featurize(train.Rows(10, 10));
        Assert.That(traker.DoneCount, Is.EqualTo(10), "the next batch, given again, is not done again");
        Assert.That(_backend.Started, Is.EqualTo(2));
    }

    private static async IAsyncEnumerable<Batch> Batches(Batch all, int size)
    {
        for (int first = 0; first < all.Size; first += size)
        {
            yield return all.Rows(first, Math.Min(size, all.Size - first));
            await Task.Yield();
        }
    }

    private async Task<float[]> ScoresAsync(string name, IKernelBackend backend)
    {
        using Traker traker = Create(name, backend);
        traker.LoadCheckpoint(_case.Checkpoints[0], 0);
        await traker.FeaturizeAsync(Batches(_case.Train, 20));
        traker.FinalizeFeatures();
        traker.StartScoringCheckpoint("val", _case.Checkpoints[0], 0, _case.Targets.Size);
        await traker.ScoreAsync(Batches(_case.Targets, 5));
        using Scores scores = traker.FinalizeScores("val");
        return [.. Enumerable.Range(0, _case.Targets.Size).SelectMany(j => scores.Top(j, 96).Select(static s => s.Score))];
    }

    private Traker Create(string name, IKernelBackend backend, ProjectionKind projection = ProjectionKind.Sjlt) => new(
        _case.Model, TrakFast.Tasks.ImageClassification, 96,
        new TrakOptions { SaveDirectory = _directory[name], ProjectionDimension = 64, Projection = projection }, backend);

    private sealed class Recorder(List<long> done) : IProgress<TrakProgress>
    {
        public void Report(TrakProgress value) => done.Add(value.Done);
    }
}
