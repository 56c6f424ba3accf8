using TrakFast.Kernels;
using TrakFast.Onnx;

namespace TrakFast.Tests;

/// <summary>
/// Taking the features of one batch after the other leaves nothing behind for the garbage collector that grows with anything.
/// </summary>
internal sealed class AllocationTests
{
    private const long Budget = 48 << 10;

    // f and Q are handed out as arrays of their own; the rest is the backend's.
    private const long PerExample = 160;

    private static readonly ProjectionKind[] Kinds = [ProjectionKind.Sjlt, ProjectionKind.Rademacher, ProjectionKind.Gaussian];

    [TestCaseSource(nameof(Kinds))]
    public void BatchesInASteadyStateAllocateTheSameFewKilobytes(ProjectionKind kind)
    {
        long small = PerBatch(kind, width: 8, examples: 8, k: 64), examples = PerBatch(kind, width: 8, examples: 64, k: 64);
        long parameters = PerBatch(kind, width: 16, examples: 8, k: 64), features = PerBatch(kind, width: 8, examples: 8, k: 1024);
        TestContext.Out.WriteLine(
            $"Bytes: {small}; {examples} for 64 examples, {parameters} for four times the parameters, {features} for 1,024 features.");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(small, Is.LessThan(Budget));
            Assert.That(examples, Is.LessThan(small + (64 * PerExample)), "eight times the examples");
            Assert.That(parameters, Is.LessThan(small + 1024), "four times the parameters");
            Assert.That(features, Is.LessThan(small + 1024), "sixteen times the features");
        }
    }

    private static long PerBatch(ProjectionKind kind, int width, int examples, int k)
    {
        using OnnxModel model = new(Network(width), new OnnxOptions { Workers = Workers.Single });
        using CpuBackend backend = new(Workers.Single);
        using FeatureExtractor extractor = new(
            model, new ImageClassification(), backend, ParameterSelection.All(model.Parameters), ScoreScaling.Unit);
        Random random = new(1);
        float[] images = [.. Enumerable.Range(0, examples * 3 * 8 * 8).Select(_ => random.NextSingle())];
        long[] labels = [.. Enumerable.Range(0, examples).Select(static i => i % 10L)];
        Batch batch = new(("image", DataArray.From(images, examples, 3, 8, 8)), ("label", DataArray.From(labels, examples)));
        Projection projection = new(kind, k, 1, 0);
        long least = long.MaxValue;
        for (int i = 0; i < 6; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            using (FeatureBatch features = extractor.Start(batch, projection, wantOutToLoss: true, static b => $"example {b}"))
                features.Take();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }

    private static OnnxGraph Network(int width)
    {
        GraphBuilder builder = new("network");
        LayerValue x = builder.Relu(builder.BatchNorm(builder.Conv(builder.Input("image", 3, 8, 8), "conv1", width, 3), "norm"));
        x = builder.MaxPool(builder.Relu(builder.Conv(x, "conv2", width, 3)), 2);
        x = builder.Add(x, builder.Relu(builder.Conv(x, "conv3", width, 1)));
        return builder.Output(builder.Linear(builder.Flatten(builder.GlobalAveragePool(x)), "head", 10)).Build();
    }
}
