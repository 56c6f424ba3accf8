using TrakFast.Cli.Tests.Support;

namespace TrakFast.Cli.Tests.Tool;

/// <summary><c>run</c> and its engines, in a tool without torch's.</summary>
public sealed class EngineTests
{
    [Test]
    public void LeftToItselfTheToolSaysWhichEngineItTook()
    {
        using Workspace work = new();
        ToolResult result = work.Run("--engine auto").AssertDone();
        Assert.That(result.Output, Does.Match(@"Engine +managed, cpu"));
    }

    [Test]
    public void TheManagedEngineIsRefusedAGpu()
    {
        using Workspace work = new();
        work.Run("--engine managed --device cuda").AssertFailed("managed", "--device cuda", "--engine torch");
        Assert.That(Directory.Exists(work.Save), Is.False);
    }

    [TestCase("--engine torch")]
    [TestCase("--engine torch --device cpu")]
    [TestCase("--device cuda:1")]
    public void TheToolThatHasTorchIsNamed(string options)
    {
        using Workspace work = new();
        work.Run(options).AssertFailed("torch", "trakfast-torch", "TrakFast.Cli.TorchSharp");
        Assert.That(Directory.Exists(work.Save), Is.False);
    }

    [Test]
    public void LibtorchIsNoOptionWithoutTorch()
    {
        using Workspace work = new();
        work.Run("--libtorch /tmp").AssertWrongUsage("--libtorch");
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
