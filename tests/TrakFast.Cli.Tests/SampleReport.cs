using System.Globalization;
using TrakFast.Cli.Report.Content;
using TrakFast.Cli.Report.Pictures;
using TrakFast.Evaluation;

namespace TrakFast.Cli.Tests;

/// <summary>Reports to test with: real pictures and scores from the fixture, made-up evaluation.</summary>
internal static class SampleReport
{
    private const int Shown = 8;

    /// <summary>A report with every section.</summary>
    public static ReportModel Create()
    {
        DataArray train = Fixture.Read("train.image"), targets = Fixture.Read("target.image");
        DataArray scores = Fixture.Read("expected.trak_scores");
        long[] trainLabels = Fixture.Read("train.label").ToLongs(), targetLabels = Fixture.Read("target.label").ToLongs();
        float[] logits = Fixture.Read("expected_0.target.logits").ToFloats();
        PixelRange range = PixelRange.Of(train);
        int n = trainLabels.Length, m = targetLabels.Length;
        float[] all = scores.ToFloats();

        return new ReportModel
        {
            Title = "Handwritten digits",
            Run = Run(n, m),
            Targets = [.. Enumerable.Range(0, m).Select(t => Target(t))],
            Distribution = ScoreDistribution.Of(all),
            Lds = Lds(),
            Mislabel = Mislabel(),
            Phases =
            [
                new("train", 41.2, 5000), new("featurize", 3.41, 480), new("finalize", 0.0123), new("score", 0.52, 80), new("evaluate", 127)
            ],
        };

        TargetReport Target(int t)
        {
            // One target with tiny scores.
            float[] column = [.. Enumerable.Range(0, n).Select(i => all[(i * m) + t] * (t == 5 ? 1e-6f : 1))];
            int[] order = [.. Enumerable.Range(0, n).OrderByDescending(i => column[i])];
            ReadOnlySpan<float> row = logits.AsSpan(t * 10, 10);
            int predicted = row.IndexOf(System.Numerics.Tensors.TensorPrimitives.Max(row));
            return new TargetReport
            {
                Index = t,
                Content = ExampleContent.OfRow(targets, t, range),
                Label = Text(targetLabels[t]),
                Prediction = Text(t == 2 ? (predicted + 1) % 10 : predicted),
                Proponents = [.. order.Take(Shown).Where(i => column[i] > 0).Select(Scored)],
                Opponents = [.. order.Reverse().Take(Shown).Where(i => column[i] < 0).Select(Scored)],
                Distribution = ScoreDistribution.Of(column),
            };

            ScoredExample Scored(int i) => new(i, column[i], ExampleContent.OfRow(train, i, range), Text(trainLabels[i]))
            {
                Flip = i % 10 == 3 ? new LabelFlip(Text((trainLabels[i] + 3) % 10), Text(trainLabels[i])) : null,
            };
        }
    }

    /// <summary>A report whose examples are texts, some long, with awkward names.</summary>
    public static ReportModel CreateText()
    {
        string review = string.Join(
            ' ', Enumerable.Repeat("The film takes its time, and every quiet minute of it pays back in the last scene.", 8));
        ScoredExample[] examples = [.. Enumerable.Range(0, 5).Select(i => new ScoredExample(
            i * 977,
            Math.Pow(10, -i) * 3.2,
            new TextContent(i == 1 ? review : review[..(82 * (1 + (i % 3)))]),
            i % 2 == 0 ? "positive" : "negative"))];
        return new ReportModel
        {
            Title = "Film reviews",
            Run = Run(25_000, 1_000),
            Targets =
            [
                new TargetReport
                {
                    Index = 41,
                    Content = new TextContent(review[..164]),
                    Label = "positive",
                    Proponents = examples,
                    Opponents = [.. examples.Select(static e => e with { Score = -e.Score / 7, TrainIndex = e.TrainIndex + 1 })],
                    Distribution = ScoreDistribution.Of(
                        Enumerable.Range(0, 25_000).Select(static i => (float)Math.Tan((i - 12_500) / 8_200.0) * 0.4f).ToArray()),
                },
            ],
        };
    }

    /// <summary>The least a report can hold.</summary>
    public static ReportModel CreateSmallest() => new() { Title = "Nothing yet", Run = Run(0, 0) with { Checkpoints = [] } };

    private static RunFacts Run(long n, long m) => new()
    {
        Task = "image_classification",
        Model = "digits.onnx",
        Checkpoints =
            ["digits_0.safetensors", "digits_1.safetensors", "digits_2.safetensors", "digits_3.safetensors", "digits_4.safetensors"],
        TrainSize = n,
        TargetCount = m,
        ProjectionDimension = 512,
        Projection = "rademacher",
        Lambda = "1 (relative)",
        Weighting = "loss",
        Scaling = "unit",
        Seed = 0,
        Engine = "managed",
        Backend = "cpu, Vector512",
        More = [new("Precision", "float32")],
    };

    private static LdsReport Lds() => new(
    [
        new("TrakFast, loss weighting", 0.671, 0.648, 0.693, IsOwn: true),
        new("TrakFast, TRAK weighting", 0.612, 0.588, 0.635),
        new("Gradient dot product", 0.461, 0.434, 0.487),
        new("TRAK with λ = 0", 0.294, 0.268, 0.321),
    ])
    {
        Ceiling = 0.87,
        Protocol = "100 models on random halves of the train set, margins averaged over 8 retrainings each.",
    };

    private static MislabelReport Mislabel() => new(
    [
        Curve("Self-influence", 9),
        Curve("Loss", 7),
        Curve("Gradient norm", 3),
    ]) { WrongLabels = 100 };

    private static DetectionCurve Curve(string name, double steepness)
    {
        DetectionPoint[] points = [.. Enumerable.Range(0, 1001).Select(i => new DetectionPoint(
            i / 1000.0, Math.Min(1, (1 - Math.Exp(-steepness * i / 1000.0)) / (1 - Math.Exp(-steepness)))))];
        return new DetectionCurve(name, points, points.Average(static p => p.Found));
    }

    private static string Text(long label) => label.ToString(CultureInfo.InvariantCulture);
}
