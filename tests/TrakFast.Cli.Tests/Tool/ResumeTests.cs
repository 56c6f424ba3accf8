using System.CommandLine;
using TrakFast.Cli.Commands;
using TrakFast.Cli.Consoles;
using TrakFast.Cli.Tests.Support;

namespace TrakFast.Cli.Tests.Tool;

/// <summary>A run that stopped goes on where it was, and ends as if it had never stopped.</summary>
public sealed class ResumeTests
{
    [TestCase("Featurizing model 0", 40)]
    [TestCase("Featurizing model 1", 8)]
    [TestCase("Scoring model 0", 8)]
    [TestCase("Scoring model 1", 16)]
    public void AnInterruptedRunEndsWithTheSameScores(string title, long atLeast)
    {
        using Workspace whole = new(), stopped = new();
        whole.Run("--batch-size 8").AssertDone();
        ToolResult interrupted = RunUntil(stopped.RunArguments("--batch-size 8"), title, atLeast);
        Assert.That(interrupted.ExitCode, Is.EqualTo(130), interrupted.Error);
        Assert.That(interrupted.Error.Trim(), Does.StartWith("Stopped; what was done is kept").And.Contains("--resume"));
        Assert.That(stopped.Unfinished(), Is.Empty);
        Assert.That(
            Marks(stopped, 0).Count(static m => m != 0),
            title.EndsWith("model 0", StringComparison.Ordinal) && title[0] == 'F' ? Is.InRange(atLeast, 95) : Is.EqualTo(96));

        stopped.Run("--batch-size 8 --resume").AssertDone();
        Assert.That(stopped.Scores(), Is.EqualTo(whole.Scores()));
    }

    [Test]
    public void ResumingAFinishedRunChangesNothing()
    {
        using Workspace work = new();
        work.Run().AssertDone();
        float[] before = work.Scores();
        DateTime written = File.GetLastWriteTimeUtc(work["save", "0", "grads.mmap"]);
        work.Run("--resume").AssertDone();
        Assert.That(work.Scores(), Is.EqualTo(before));
        Assert.That(File.GetLastWriteTimeUtc(work["save", "0", "grads.mmap"]), Is.EqualTo(written), "no row was done again");
    }

    [Test]
    public void ResumingWithAnotherLambdaScoresAnewFromTheSameFeatures()
    {
        using Workspace once = new(), twice = new();
        once.Run("--lambda 0.1").AssertDone();
        twice.Run("--lambda 10").AssertDone();
        Assert.That(twice.Scores(), Is.Not.EqualTo(once.Scores()));
        Assert.That(twice.Run("--lambda 0.1 --resume").AssertDone().Output, Does.Contain("0.1 relative"));
        Assert.That(twice.Scores(), Is.EqualTo(once.Scores()));
    }

    [Test]
    public void ResumingWhereNothingBeganBegins()
    {
        using Workspace work = new();
        work.Run("--resume").AssertDone();
        Assert.That(File.Exists(work["save", "scores", "default.mmap"]), Is.True);
    }

    private static int[] Marks(Workspace work, int modelId) =>
        [.. NpyFile.Read(work["save", $"{modelId}", "_is_featurized.mmap"]).ToLongs().Select(static m => (int)m)];

    private static ToolResult RunUntil(string[] arguments, string title, long done)
    {
        using CancellationTokenSource stop = new();
        StringWriter output = new(), error = new();
        ToolServices services = new("trakfast", new StoppingConsole(title, done, stop), output, error, null, static () => []);
        RootCommand root = TrakFastTool.CreateRootCommand(services);
        return new ToolResult(TrakFastTool.Run(root, arguments, services, stop.Token), output.ToString(), error.ToString(), 0);
    }

    /// <summary>Presses Ctrl-C when a step has come far enough.</summary>
    private sealed class StoppingConsole(string title, long done, CancellationTokenSource stop) : ToolConsole
    {
        public override void Line(string text = "")
        {
        }

        public override void Table(ToolTable table)
        {
        }

        public override Task<T> RunAsync<T>(string step, long total, string unit, Func<IProgress<long>, Task<T>> work) =>
            work(new Watch(value =>
            {
                if (step == title && value >= done) stop.Cancel();
            }));

        private sealed class Watch(Action<long> report) : IProgress<long>
        {
            public void Report(long value) => report(value);
        }
    }
}
