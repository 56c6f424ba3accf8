using TrakFast.Cli.Tests.Support;

namespace TrakFast.Cli.TorchSharp.Tests;

/// <summary><c>run</c> with torch's engine.</summary>
public sealed class TorchEngineTests
{
    private static readonly TorchEngine Torch = new();

    [TestCase("mlp")]
    [TestCase("cnn")]
    [TestCase("bert")]
    [TestCase("clip", "--contrast 1-63 --clip-q batch --batch-size 64")]
    public void TorchGivesTheScoresOfTheManagedEngine(string fixture, string more = "")
    {
        using Workspace managed = new(fixture), torch = new(fixture);
        string options = $"--projection sjlt --projection-dim 64 {more}";
        Assert.That(managed.Run($"{options} --engine managed").AssertDone().Output, Does.Contain("managed, cpu"));
        ToolResult result = torch.Run($"{options} --engine torch --device cpu", torch: Torch).AssertDone();
        Assert.That(result.Output, Does.Contain("torch, cpu"));
        Assert.That(result.BuffersLeft, Is.LessThanOrEqualTo(0));
        float[] expected = managed.Scores(), actual = torch.Scores();
        double difference = Math.Sqrt(
            actual.Zip(expected, static (a, e) => Math.Pow((double)a - e, 2)).Sum() / expected.Sum(static e => Math.Pow(e, 2)));
        Assert.That(
            difference, Is.GreaterThan(0).And.LessThan(1e-4), "relative difference of all scores; 0 would mean that one engine ran twice");
    }

    [Test]
    public void LeftToItselfTheToolSaysWhichEngineItTookAndWhy()
    {
        using Workspace work = new();
        ToolResult result = work.Run("--engine auto", torch: Torch).AssertDone();
        Assert.That(result.Output, Does.Match(@"Engine +(managed, cpu .*\(.+\)|torch, cuda)"));
    }

    [Test]
    public void AGpuThatIsNotThereIsSaidSo()
    {
        if (Torch.IsAvailable("cuda:63", out _)) Assert.Ignore("This machine has 64 GPUs.");
        using Workspace work = new();
        work.Run("--engine torch --device cuda:63", torch: Torch).AssertFailed("torch");
        Assert.That(Directory.Exists(work.Save), Is.False);
    }

    [Test]
    public void TheDoctorSaysWhichLibtorchIsInUse()
    {
        ToolResult result = ToolResult.Of(["doctor"], torch: Torch).AssertDone();
        Assert.That(Torch.IsAvailable("cpu", out string detail), detail);
        Assert.That(result.Output, Does.Match(@"torch +.?.? *yes").And.Contain("libtorch"));
    }
}
