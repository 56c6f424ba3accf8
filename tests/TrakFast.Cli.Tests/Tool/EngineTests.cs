using TrakFast.Cli.Tests.Support;
using TrakFast.TorchSharp;

namespace TrakFast.Cli.Tests.Tool;

/// <summary><c>run</c> with one engine or the other.</summary>
public sealed class EngineTests
{
    [TestCase("mlp")]
    [TestCase("cnn")]
    [TestCase("bert")]
    [TestCase("clip", "--contrast 1-63 --clip-q batch --batch-size 64")]
    public void TorchGivesTheScoresOfTheManagedEngine(string fixture, string more = "")
    {
        if (!TorchEngine.IsAvailable("cpu", out string detail)) Assert.Ignore(detail);
        using Workspace managed = new(fixture), torch = new(fixture);
        string options = $"--projection sjlt --projection-dim 64 {more}";
        Assert.That(managed.Run($"{options} --engine managed").AssertDone().Output, Does.Contain("managed, cpu"));
        ToolResult result = torch.Run($"{options} --engine torch --device cpu").AssertDone();
        Assert.That(result.Output, Does.Contain("torch, cpu"));
        Assert.That(result.BuffersLeft, Is.LessThanOrEqualTo(0));
        float[] expected = managed.Scores(), actual = torch.Scores();
        double difference = Math.Sqrt(actual.Zip(expected, static (a, e) => Math.Pow((double)a - e, 2)).Sum() / expected.Sum(static e => Math.Pow(e, 2)));
        Assert.That(difference, Is.GreaterThan(0).And.LessThan(1e-4), "relative difference of all scores; 0 would mean that one engine ran twice");
    }

    [Test]
    public void LeftToItselfTheToolSaysWhichEngineItTookAndWhy()
    {
        using Workspace work = new();
        ToolResult result = work.Run("--engine auto").AssertDone();
        Assert.That(result.Output, Does.Match(@"Engine +(managed, cpu .*\(.+\)|torch, cuda)"));
    }

    [Test]
    public void TheManagedEngineIsRefusedAGpu()
    {
        using Workspace work = new();
        work.Run("--engine managed --device cuda").AssertFailed("managed", "--device cuda", "--engine torch");
        Assert.That(Directory.Exists(work.Save), Is.False);
    }

    [Test]
    public void AGpuThatIsNotThereIsSaidSo()
    {
        if (TorchEngine.IsAvailable("cuda:63", out _)) Assert.Ignore("This machine has 64 GPUs.");
        using Workspace work = new();
        work.Run("--engine torch --device cuda:63").AssertFailed("torch");
        Assert.That(Directory.Exists(work.Save), Is.False);
    }

    [TestCase("--device tpu", "tpu")]
    [TestCase("--device cuda:x", "cuda:x")]
    [TestCase("--engine tensorflow", "tensorflow")]
    public void OtherWordsAreWrongUsage(string options, string word)
    {
        using Workspace work = new();
        work.Run(options).AssertWrongUsage(word);
    }
}
