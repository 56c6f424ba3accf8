using System.Globalization;
using System.Text.RegularExpressions;
using TrakFast.Cli.Tests.Support;

namespace TrakFast.Cli.Tests.Tool;

/// <summary><c>run</c> from files to scores, when everything is well.</summary>
public sealed class RunCommandTests
{
    private const string LikeTrak = "--projection none --lambda-absolute 0.01 --scaling trak";

    [TestCase("mlp")]
    [TestCase("cnn")]
    [TestCase("bert")]
    [TestCase("clip", "--contrast 1-63 --clip-q batch --batch-size 64")]
    public void ScoresAreThoseOfMadryLabTrak(string fixture, string more = "")
    {
        using Workspace work = new(fixture);
        ToolResult result = work.Run($"{LikeTrak} {more}").AssertDone();
        Assert.That(RelativeError(work.Scores(), Workspace.ExpectedScores(fixture)), Is.LessThan(1e-3));
        Assert.That(result.BuffersLeft, Is.LessThanOrEqualTo(0));
        Assert.That(result.Output, Does.Contain(work["save", "scores", "default.mmap"]).And.Contain("0.01 absolute"));
        Assert.That(work.Unfinished(), Is.Empty);
    }

    [TestCase("--projection rademacher --projection-dim 64")]
    [TestCase("--projection gaussian --projection-dim 64")]
    [TestCase("--projection sjlt --projection-dim 64")]
    [TestCase("--projection sjlt --projection-dim 64 --weighting loss")]
    [TestCase("--gradient-of fc1.* --experiment some-targets")]
    [TestCase("--precision float16")]
    [TestCase("--precision bfloat16 --batch-size 7")]
    public void EveryOptionGivesScoresAndItsOwnWordInTheSummary(string options)
    {
        using Workspace work = new();
        ToolResult result = work.Run(options).AssertDone();
        float[] scores = work.Scores(options.Contains("some-targets", StringComparison.Ordinal) ? "some-targets" : "default");
        Assert.That(scores, Has.Length.EqualTo(96 * 16));
        Assert.That(scores.All(float.IsFinite) && scores.Any(static s => s != 0), Is.True);
        if (options.Contains("gaussian", StringComparison.Ordinal)) Assert.That(result.Output, Does.Contain("gaussian, k = 64"));
        if (options.Contains("gradient-of", StringComparison.Ordinal)) Assert.That(result.Output, Does.Contain("2,080"), "p of fc1 alone");
    }

    [Test]
    public void RandomProjectionsKeepTheScoresRoughly()
    {
        using Workspace exact = new(), projected = new();
        exact.Run("--projection none --lambda 1").AssertDone();
        projected.Run("--projection rademacher --projection-dim 1024 --lambda 1").AssertDone();
        Assert.That(Correlation(exact.Scores(), projected.Scores()), Is.GreaterThan(0.9));
    }

    [TestCase("float16", 2e-2)]
    [TestCase("bfloat16", 1e-1)]
    public void HalfPrecisionChangesLittle(string precision, double tolerance)
    {
        using Workspace single = new(), half = new();
        single.Run().AssertDone();
        half.Run($"--precision {precision}").AssertDone();
        Assert.That(RelativeError(half.Scores(), single.Scores()), Is.LessThan(tolerance));
        Assert.That(
            new FileInfo(half["save", "0", "grads.mmap"]).Length,
            Is.LessThan(new FileInfo(single["save", "0", "grads.mmap"]).Length * 0.6));
    }

    [Test]
    public void CheckpointsKeepTheIdsTheyAreGiven()
    {
        using Workspace work = new();
        ToolResult result =
            work.Run($"--checkpoint 7={work["checkpoint_0.safetensors"]} 3={work["checkpoint_1.safetensors"]}").AssertDone();
        Assert.That(result.Output, Does.Contain("λ of model 3").And.Contain("λ of model 7"));
        foreach (int id in new[] { 3, 7 })
        {
            using NpyRowsFile q = NpyRowsFile.Open(work["save", $"{id}", "out_to_loss.mmap"]);
            float[] values = new float[q.Rows];
            q.ReadRows(0, values);
            string mean = values.Average(static v => (double)v).ToString("G4", CultureInfo.InvariantCulture);
            Assert.That(result.Output, Does.Match($@"Mean Q of model {id} +{Regex.Escape(mean)}\s"));
        }

        Assert.That(
            Directory.Exists(work["save", "7"]) && Directory.Exists(work["save", "3"]) && !Directory.Exists(work["save", "0"]), Is.True);
    }

    [Test]
    public void WithoutACheckpointTheWeightsInTheModelAreModel0()
    {
        using Workspace work = new();
        work.Run(LikeTrak, without: "--checkpoint").AssertDone();
        Assert.That(Directory.GetDirectories(work.Save).Select(Path.GetFileName), Is.EquivalentTo(new[] { "0", "scores" }));
        float[] inFile = work.Scores();

        // The fixture's model file holds the weights of its first checkpoint or others; either way they must be loaded.
        Assert.That(inFile.All(float.IsFinite) && inFile.Any(static s => s != 0), Is.True);
    }

    [Test]
    public void TheSeedChangesTheProjectionAndTheBatchSizeChangesNothing()
    {
        using Workspace one = new(), other = new(), batched = new();
        one.Run("--seed 1").AssertDone();
        other.Run("--seed 2").AssertDone();
        batched.Run("--seed 1 --batch-size 5 --threads 1").AssertDone();
        Assert.That(one.Scores(), Is.Not.EqualTo(other.Scores()));
        Assert.That(batched.Scores(), Is.EqualTo(one.Scores()));
    }

    [Test]
    public void TopShowsTheStrongestOfEachTarget()
    {
        using Workspace work = new();
        work.Run().AssertDone();
        float[] scores = work.Scores();
        int best = Enumerable.Range(0, 96).MaxBy(i => scores[i * 16]);
        string output = work.Top("--targets 0 --count 1").AssertDone().Output;
        Assert.That(output.Split('\n')[2].Split("  ", StringSplitOptions.RemoveEmptyEntries)[1].Trim(), Is.EqualTo($"{best}"), output);
        Assert.That(work.Top().Output, Does.Contain("Target 4").And.Not.Contain("Target 5"));
    }

    [Test]
    public void TheReportHasACardForEachTarget()
    {
        using Workspace work = new();
        work.Run().AssertDone();
        ToolResult result = work.Report("--targets 3 5 --title Digits").AssertDone();
        Assert.That(result.Output, Does.Contain(work["report.html"]));
        string html = File.ReadAllText(work["report.html"]);
        Assert.That(html, Does.Contain("Target 3").And.Contain("Target 5").And.Contain("Digits").And.Not.Contain("Target 4"));
        Assert.That(work.Unfinished(), Is.Empty);
    }

    private static double RelativeError(float[] actual, float[] expected)
    {
        Assert.That(actual, Has.Length.EqualTo(expected.Length));
        double difference = 0, size = 0;
        for (int i = 0; i < actual.Length; i++)
        {
            difference += Math.Pow((double)actual[i] - expected[i], 2);
            size += Math.Pow(expected[i], 2);
        }

        return Math.Sqrt(difference / size);
    }

    private static double Correlation(float[] x, float[] y)
    {
        double meanX = x.Average(), meanY = y.Average();
        double xy = x.Zip(y, (a, b) => (a - meanX) * (b - meanY)).Sum();
        return xy / Math.Sqrt(x.Sum(a => Math.Pow(a - meanX, 2)) * y.Sum(b => Math.Pow(b - meanY, 2)));
    }
}
