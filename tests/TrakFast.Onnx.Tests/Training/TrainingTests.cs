using System.Diagnostics;
using TrakFast.Kernels;

namespace TrakFast.Onnx.Tests;

internal sealed class TrainingTests
{
    [Test]
    public void LearnsASyntheticProblem()
    {
        (Batch data, long[] labels) = Stripes(600, 1);
        (Batch unseen, long[] truth) = Stripes(200, 2);
        using OnnxModel model = new(Network(), new OnnxOptions { Workers = Workers.Single });
        WeightInitializer.Initialize(model, 3);
        using SgdTrainer trainer = new(model, new TrainingOptions { Epochs = 8, LearningRate = 0.05f });
        Stopwatch watch = Stopwatch.StartNew();
        IReadOnlyList<double> losses = trainer.Train(data);
        TestContext.Out.WriteLine(
            $"{watch.Elapsed.TotalSeconds:f3} s, losses {string.Join(" ", losses.Select(static l => l.ToString("f3")))}");
        Assert.That(losses[^1], Is.LessThan(0.3 * losses[0]));
        Assert.That(Accuracy(model, unseen, truth), Is.GreaterThan(0.95));
        Assert.That(labels, Is.Not.Empty);
    }

    [Test]
    public void TheSameSeedGivesTheSameWeightsOnAnyNumberOfThreads()
    {
        (Batch data, _) = Stripes(100, 1);
        Assert.That(Train(2), Is.EqualTo(Train(1)));

        string Train(int threads)
        {
            using OnnxModel model = new(Network(), new OnnxOptions { Workers = new Workers(threads) });
            WeightInitializer.Initialize(model, 3);
            using SgdTrainer trainer = new(model, new TrainingOptions { Epochs = 2, Seed = 5 });
            trainer.Train(data);
            return model.WeightHash;
        }
    }

    [Test]
    public void ClonesTrainOnTheirOwn()
    {
        (Batch data, _) = Stripes(100, 1);
        using OnnxModel model = new(Network(), new OnnxOptions { Workers = Workers.Single });
        WeightInitializer.Initialize(model, 3);
        string before = model.WeightHash;
        string[] hashes = new string[6];
        Parallel.For(0, hashes.Length, i =>
        {
            using OnnxModel clone = model.Clone();
            using SgdTrainer trainer = new(clone, new TrainingOptions { Epochs = 2, Seed = (ulong)(i / 2) });
            trainer.Train(data);
            hashes[i] = clone.WeightHash;
        });
        Assert.That(model.WeightHash, Is.EqualTo(before));
        Assert.That(hashes.Distinct().Count(), Is.EqualTo(3));
        Assert.That(hashes[0], Is.EqualTo(hashes[1]));
    }

    [Test]
    public void ACheckpointBringsTheWeightsBack()
    {
        using OnnxModel model = new(Network());
        WeightInitializer.Initialize(model, 3);
        Checkpoint saved = model.ToCheckpoint("saved");
        string hash = model.WeightHash;
        WeightInitializer.Initialize(model, 4);
        Assert.That(model.WeightHash, Is.Not.EqualTo(hash));
        model.Load(saved);
        Assert.That(model.WeightHash, Is.EqualTo(hash));
    }

    [Test]
    public void InitialWeightsFillTheirRange()
    {
        using OnnxModel model = new(Network());
        WeightInitializer.Initialize(model, 9);
        Checkpoint weights = model.ToCheckpoint("drawn");
        float[] values = weights.Tensors["conv2.weight"].ToFloats();
        float bound = 1 / MathF.Sqrt(16 * 9);
        Assert.That(values.Max(MathF.Abs), Is.LessThanOrEqualTo(bound).And.GreaterThan(0.99f * bound));
        Assert.That(values.Average(), Is.Zero.Within(0.05f * bound));
    }

    [Test]
    public void WrongOptionsAreRefused()
    {
        using OnnxModel model = new(Network());
        Assert.That(
            () => new SgdTrainer(model, new TrainingOptions { LearningRate = -1 }),
            Throws.InstanceOf<TrakException>().With.Message.Contains("-1"));
        Assert.That(() => new SgdTrainer(model, new TrainingOptions { Momentum = 1 }), Throws.InstanceOf<TrakException>());
        Assert.That(() => new SgdTrainer(model, new TrainingOptions { Epochs = 0 }), Throws.InstanceOf<TrakException>());
        Assert.That(() => new SgdTrainer(model, new TrainingOptions { BatchSize = 0 }), Throws.InstanceOf<TrakException>());
    }

    /// <summary>A convolutional network of about 15,000 parameters for 8 × 8 images.</summary>
    internal static OnnxGraph Network()
    {
        GraphBuilder builder = new("digits");
        LayerValue x = builder.Input("image", 1, 8, 8);
        x = builder.Relu(builder.Conv(x, "conv1", 16, 3));
        x = builder.Relu(builder.Conv(x, "conv2", 32, 3));
        x = builder.MaxPool(x, 2);
        x = builder.Relu(builder.Conv(x, "conv3", 32, 3));
        x = builder.Linear(builder.Flatten(builder.GlobalAveragePool(x)), "head", 10);
        return builder.Output(x).Build();
    }

    // Ten kinds of stripes with noise.
    private static (Batch Data, long[] Labels) Stripes(int count, int seed)
    {
        Random random = new(seed);
        float[] pixels = new float[count * 64];
        long[] labels = new long[count];
        for (int i = 0; i < count; i++)
        {
            labels[i] = i % 10;
            double angle = Math.PI * labels[i] / 10, phase = 2 * Math.PI * random.NextDouble();
            for (int y = 0; y < 8; y++)
            {
                for (int x = 0; x < 8; x++)
                    pixels[(i * 64) + (y * 8) + x] =
                        (float)Math.Sin((1.6 * ((x * Math.Cos(angle)) + (y * Math.Sin(angle)))) + phase) + (0.2f * random.NextSingle());
            }
        }

        return (new Batch(("image", DataArray.From(pixels, count, 1, 8, 8)), ("label", DataArray.From(labels, count))), labels);
    }

    private static double Accuracy(OnnxModel model, Batch batch, long[] labels)
    {
        using ModelResult result = model.Forward(batch);
        float[] logits = result.First.ToArray();
        return labels
            .Index()
            .Count(l => Array.IndexOf(logits, logits[(l.Index * 10)..((l.Index + 1) * 10)].Max(), l.Index * 10) == (l.Index * 10) + l.Item)
            / (double)labels.Length;
    }
}
