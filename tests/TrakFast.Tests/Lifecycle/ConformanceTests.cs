using TrakFast.Kernels;
using TrakFast.Tests.Support;

namespace TrakFast.Tests.Lifecycle;

/// <summary>The whole life cycle against what MadryLab/trak computed.</summary>
public sealed class ConformanceTests
{
    [TestCase("mlp")]
    [TestCase("cnn")]
    [TestCase("bert")]
    [TestCase("clip")]
    public void OutputsQGradientsAndScoresAreThoseOfMadryLabTrak(string name)
    {
        using TemporaryDirectory directory = new();
        using ConformanceCase fixture = new(name);
        TrakOptions options = new()
        {
            SaveDirectory = directory["run"],
            Projection = ProjectionKind.None,
            Lambda = Lambda.Absolute(0.01),
            Scaling = ScoreScaling.TrakPython,
        };
        int n = fixture.Train.Size, m = fixture.Targets.Size;
        ModelOutput task = fixture.Task();
        using Traker traker = new(fixture.Model, task, n, options);
        for (int id = 0; id < 2; id++)
        {
            traker.LoadCheckpoint(fixture.Checkpoints[id], id);
            for (int start = 0; start < n; start += fixture.BatchSize)
                traker.Featurize(fixture.Train.Rows(start, Math.Min(fixture.BatchSize, n - start)));
            using (ModelResult result = fixture.Model.Forward(fixture.Targets))
            {
                foreach (string output in id == 0 ? result.Names : [])
                    Assert.That(
                        Fixtures.RelativeError(result[output].ToArray(), fixture.Expected($"_0.target.{output}")),
                        Is.LessThan(1e-5), output);
                float[] f = task.GetOutput(result, fixture.Targets).ToArray();
                Assert.That(Fixtures.RelativeError(f, fixture.Expected($"_{id}.target.outputs")), Is.LessThan(1e-5), "f");
            }
        }

        traker.FinalizeFeatures();
        for (int id = 0; id < 2; id++)
        {
            traker.StartScoringCheckpoint("val", fixture.Checkpoints[id], id, m);
            traker.Score(fixture.Targets);
        }

        using Scores scores = traker.FinalizeScores("val");
        for (int id = 0; id < 2; id++)
            Assert.That(
                Fixtures.RelativeError(
                    Fixtures.Floats(directory["run", $"{id}", "out_to_loss.mmap"]), fixture.Expected($"_{id}.train.out_to_loss")),
                Is.LessThan(1e-5), "Q");

        // TRAK scaling keeps gradient/√p.
        float root = MathF.Sqrt(traker.GradientDimension);
        foreach ((string file, string expected) in new[] { ("grads", "train"), ("val_grads", "target") })
        {
            float[] gradients = [.. Fixtures.Floats(directory["run", "0", $"{file}.mmap"]).Select(g => g * root)];
            Assert.That(
                Fixtures.RelativeError(gradients, fixture.Expected($"_0.{expected}.gradients")),
                Is.LessThan(1e-5), $"{expected} gradients");
        }

        float[] actual = [.. Enumerable.Range(0, n).SelectMany(i => scores.Row(i).ToArray())];
        Assert.That(Fixtures.RelativeError(actual, fixture.Expected(".trak_scores")), Is.LessThan(1e-3), "scores");
    }

    [Test]
    public void FeaturesAreBitwiseTheSameInAnyBatchOrderAndThreadCount(
        [Values("mlp", "cnn", "bert", "clip")] string name,
        [Values(ProjectionKind.None, ProjectionKind.Rademacher, ProjectionKind.Gaussian, ProjectionKind.Sjlt)] ProjectionKind projection)
    {
        byte[] expected = FeaturesOf(name, projection, batchSize: 64, threads: 1, shuffled: false);
        foreach ((int batchSize, int threads, bool shuffled) in new[]
        {
            (1, 1, false),
            (7, 2, false),
            (64, 2, false),
            (7, 1, true),
            (64, 2, true)
        })
            Assert.That(
                FeaturesOf(name, projection, batchSize, threads, shuffled).AsSpan().SequenceEqual(expected),
                $"batches of {batchSize}, {threads} thread(s), {(shuffled ? "shuffled, by index" : "in sequence")}");
    }

    private static byte[] FeaturesOf(string name, ProjectionKind projection, int batchSize, int threads, bool shuffled)
    {
        using TemporaryDirectory directory = new();
        using ConformanceCase fixture = new(name, threads);
        using CpuBackend backend = new(new Workers(threads));
        int n = fixture.Train.Size;
        using (Traker traker = new(
            fixture.Model, fixture.Task(overBatch: false), n,
            new TrakOptions { SaveDirectory = directory["run"], Projection = projection, ProjectionDimension = 200 }, backend))
        {
            traker.LoadCheckpoint(fixture.Checkpoints[0], 0);
            long[] order = [.. Enumerable.Range(0, n).Select(static i => (long)i)];
            if (shuffled) new Random(5).Shuffle(order);
            foreach (long[] rows in order.Chunk(batchSize))
            {
                if (shuffled) traker.Featurize(fixture.Train.Rows(rows), rows);
                else traker.Featurize(fixture.Train.Rows(rows));
            }
        }

        return [.. File.ReadAllBytes(directory["run", "0", "grads.mmap"]), .. File.ReadAllBytes(directory["run", "0", "out_to_loss.mmap"])];
    }
}
