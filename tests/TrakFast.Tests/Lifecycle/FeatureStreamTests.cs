using TrakFast.Tests.Support;

namespace TrakFast.Tests.Lifecycle;

/// <summary>Streams of batches: what they may hold, where they begin, and what they leave when they break.</summary>
public sealed class FeatureStreamTests
{
    private TemporaryDirectory _directory = null!;
    private ConformanceCase _case = null!;

    [SetUp]
    public void SetUp()
    {
        _directory = new TemporaryDirectory();
        _case = new ConformanceCase("mlp");
    }

    [TearDown]
    public void TearDown()
    {
        _case.Dispose();
        _directory.Dispose();
    }

    [Test]
    public async Task AStreamBeginsAtExample0WhateverCameBefore()
    {
        float[] expected = await FeaturesAsync(static (traker, batches) => traker.FeaturizeAsync(batches));
        float[] actual = await FeaturesAsync(async (traker, batches) =>
        {
            Assert.That(async () => await traker.FeaturizeAsync(Breaking(batches, after: 3)), Throws.InstanceOf<IOException>());
            Assert.That(traker.DoneCount, Is.EqualTo(30));
            await traker.FeaturizeAsync(batches);
        });
        Assert.That(actual, Is.EqualTo(expected));
    }

    [Test]
    public async Task ASequenceGoesOnBehindABrokenStream()
    {
        float[] expected = await FeaturesAsync(static (traker, batches) => traker.FeaturizeAsync(batches));
        float[] actual = await FeaturesAsync(async (traker, batches) =>
        {
            Assert.That(async () => await traker.FeaturizeAsync(Breaking(batches, after: 3)), Throws.InstanceOf<IOException>());
            foreach (Batch batch in batches.Skip(3)) traker.Featurize(batch);
            await Task.CompletedTask;
        });
        Assert.That(actual, Is.EqualTo(expected));
    }

    [Test]
    public async Task RangesAndIndicesGoWhereTheySay()
    {
        float[] expected = await FeaturesAsync(static (traker, batches) => traker.FeaturizeAsync(batches));
        float[] actual = await FeaturesAsync(async (traker, batches) =>
        {
            long[] odd = [.. Enumerable.Range(0, 48).Select(static i => (2L * i) + 1)], even = [.. odd.Select(static i => i - 1)];
            await traker.FeaturizeAsync(_case.Train.Rows(odd).Cut(20), odd);
            Assert.That(traker.DoneCount, Is.EqualTo(48));
            await traker.FeaturizeAsync(_case.Train.Rows(64, 32).Cut(7), 64..);
            await traker.FeaturizeAsync(_case.Train.Rows(even).Cut(11).ToAsyncEnumerable(), ExampleIndices.Of(even));
        });
        Assert.That(actual, Is.EqualTo(expected));
    }

    [Test]
    public void WhatAStreamMayNotHoldIsSaid()
    {
        using Traker traker = Create();
        traker.LoadCheckpoint(_case.Checkpoints[0], 0);
        Refused("104 examples", () => traker.FeaturizeAsync(_case.Train.Cut(8).Append(_case.Train.Rows(0, 8))));
        Refused("40 examples", () => traker.FeaturizeAsync(_case.Train.Cut(8), 0..36));
        Refused("held 10 examples, and 20", () => traker.FeaturizeAsync(_case.Train.Rows(0, 10).Cut(8), 10..30));
        Refused("no training example 96", () => traker.FeaturizeAsync([], new long[] { 5, 96 }));
        Refused("training example 5 twice", () => traker.FeaturizeAsync([], new long[] { 5, 6, 5 }));
        Refused("90..97", () => traker.FeaturizeAsync([], 90..97));

        static void Refused(string part, Func<Task> step) =>
            Assert.That(async () => await step(), Throws.InstanceOf<InputException>().With.Message.Contains(part));
    }

    [Test]
    public async Task TheNextBatchIsReadWhileOneComputes()
    {
        using SemaphoreSlim asked = new(0);
        using Traker traker = new(
            _case.Model, new Gate(asked), 40, new TrakOptions { SaveDirectory = _directory["run"], ProjectionDimension = 64 });
        traker.LoadCheckpoint(_case.Checkpoints[0], 0);
        await traker.FeaturizeAsync(Source());
        Assert.That(traker.DoneCount, Is.EqualTo(40));

        async IAsyncEnumerable<Batch> Source()
        {
            foreach ((int i, Batch batch) in _case.Train.Rows(0, 40).Cut(10).Index())
            {
                if (i > 0) asked.Release();
                await Task.Yield();
                yield return batch;
            }

            asked.Release();
        }
    }

    [Test]
    public void AStepThatIsBegunMeanwhileIsRefused()
    {
        using Traker traker = Create();
        traker.LoadCheckpoint(_case.Checkpoints[0], 0);
        TaskCompletionSource goOn = new();
        Task running = traker.FeaturizeAsync(Waiting());
        Assert.That(
            () => traker.Featurize(_case.Train.Rows(0, 1)), Throws.InvalidOperationException.With.Message.Contains("still running"));
        Assert.That(() => traker.FinalizeFeatures(), Throws.InvalidOperationException);
        Assert.That(traker.Dispose, Throws.InvalidOperationException);
        goOn.SetResult();
        Assert.That(async () => await running, Throws.Nothing);
        Assert.That(traker.DoneCount, Is.EqualTo(96));

        async IAsyncEnumerable<Batch> Waiting()
        {
            await goOn.Task;
            yield return _case.Train;
        }
    }

    private async Task<float[]> FeaturesAsync(Func<Traker, Batch[], Task> featurize)
    {
        using TemporaryDirectory directory = new();
        using Traker traker = new(
            _case.Model, TrakFast.Tasks.ImageClassification, 96,
            new TrakOptions { SaveDirectory = directory["run"], ProjectionDimension = 64 });
        traker.LoadCheckpoint(_case.Checkpoints[0], 0);
        await featurize(traker, [.. _case.Train.Cut(10)]);
        Assert.That(traker.DoneCount, Is.EqualTo(96));
        using NpyRowsFile file = traker.Store.ReadFeatures(0);
        float[] rows = new float[96 * 64];
        file.ReadRows(0, rows);
        return rows;
    }

    private Traker Create() => new(
        _case.Model, TrakFast.Tasks.ImageClassification, 96,
        new TrakOptions { SaveDirectory = _directory["run"], ProjectionDimension = 64 });

    private static async IAsyncEnumerable<Batch> Breaking(Batch[] batches, int after)
    {
        foreach (Batch batch in batches[..after]) yield return batch;
        await Task.Yield();
        throw new IOException("The loader broke.");
    }

    /// <summary>Computes only once the batch after has been asked for.</summary>
    private sealed class Gate(SemaphoreSlim asked) : ModelOutput
    {
        private readonly ModelOutput _task = TrakFast.Tasks.ImageClassification;

        public override Variable GetOutput(ModelResult result, Batch batch)
        {
            Assert.That(asked.Wait(TimeSpan.FromSeconds(60)), Is.True, "nobody asked for the next batch");
            return _task.GetOutput(result, batch);
        }

        public override Variable GetOutToLossGradient(ModelResult result, Batch batch) => _task.GetOutToLossGradient(result, batch);
    }
}
