using TrakFast.Cli.Tests.Support;

namespace TrakFast.Cli.Tests.Tool.BadInput;

/// <summary><c>top</c> and <c>report</c> on what is not there, not finished, or damaged.</summary>
public sealed class TopAndReportTests
{
    private readonly Workspace _work = new();

    [OneTimeSetUp]
    public void RunOnce() => _work.Run().AssertDone();

    [OneTimeTearDown]
    public void Remove() => _work.Dispose();

    [TestCase("16", "no target 16", "has 16")]
    [TestCase("-1", "no target -1", "has 16")]
    public void ATargetOutOfRangeIsSaid(string target, params string[] parts)
    {
        Assert.That(_work.Top($"--targets {target}").AssertFailed(parts).Output, Is.Empty);
        _work.Report($"--targets {target}").AssertFailed(parts);
        Assert.That(File.Exists(_work["report.html"]), Is.False);
    }

    [Test]
    public void AnExperimentThatIsNotThereIsNamedWithThoseThatAre()
    {
        _work.Top("--experiment other").AssertFailed("'other'", "it has default");
        _work.Report("--experiment other").AssertFailed("'other'", "it has default");
        _work.Top("--experiment ../default").AssertWrongUsage("'../default'");
    }

    [Test]
    public void ADirectoryWithoutARunIsSaid()
    {
        using Workspace empty = new();
        empty.Top().AssertFailed(empty.Save, "holds no run");
        empty.Report().AssertFailed(empty.Save, "holds no run");
        Assert.That(Directory.Exists(empty.Save), Is.False);
    }

    [Test]
    public void CountsBelowOneAreWrongUsage()
    {
        _work.Top("--count 0").AssertWrongUsage("--count", "1 or more");
        _work.Top("--targets 1 first").AssertWrongUsage("--targets", "whole numbers", "first");
    }

    [Test]
    public void MoreThanThereAreIsAllThereAre() =>
        Assert.That(_work.Top("--targets 0 --count 2147483647").AssertDone().Output.Split('\n'), Has.Length.GreaterThan(96));

    [Test]
    public void BeforeScoringThereIsNothingToShow()
    {
        using Workspace work = new();
        work.SetElements("target.image.npy", [.. Enumerable.Range(0, 64).Select(static i => (i, 3e38))]);
        work.Run().AssertFailed("target 0");
        work.Top().AssertFailed("'default'", "no final scores");
        work.Report().AssertFailed("'default'", "no final scores");
    }

    [Test]
    public void ScoresThatAreCutOrMissingAreNamed()
    {
        using Workspace work = new();
        work.Run().AssertDone();
        string scores = work["save", "scores", "default.mmap"];
        byte[] good = File.ReadAllBytes(scores);
        foreach (int length in new[] { 0, 9, 100, good.Length - 1 })
        {
            File.WriteAllBytes(scores, good[..length]);
            work.Top().AssertFailed(scores);
            work.Report().AssertFailed(scores);
        }

        NpyFile.Write(scores, DataArray.From(new float[96], 96, 1));
        work.Top().AssertFailed(scores, "[96, 1]", "[96, 16]");
        File.Delete(scores);
        work.Top().AssertFailed(scores, "no such file");
        work.Run("--resume").AssertDone();
        Assert.That(File.ReadAllBytes(scores), Is.EqualTo(good));
    }

    [Test]
    public void AScoreThatIsNotFiniteIsNotDrawn()
    {
        using Workspace work = new();
        work.Run().AssertDone();
        work.SetElements("save/scores/default.mmap", (5, double.NaN));
        work.Report().AssertFailed("row 0", "not what was written");
        work.Top().AssertFailed("row 0", "not what was written");
        Assert.That(File.Exists(work["report.html"]), Is.False);
        Assert.That(work.Unfinished(), Is.Empty);
    }

    [Test]
    public void ExamplesOfAnotherSetAreSaid()
    {
        _work.Report($"--train image={_work["target.image.npy"]} label={_work["target.label.npy"]}")
            .AssertFailed("--train has 16 examples", "96");
        _work.Report($"--target image={_work["train.image.npy"]}").AssertFailed("--target has 96 examples", "16");
        _work.Report($"--train label={_work["train.label.npy"]}").AssertFailed("nothing to show");
        _work.Report("--train image=/no/such.npy").AssertFailed("/no/such.npy");
    }

    [Test]
    public void AReportThatCannotBeWrittenIsSaid()
    {
        _work.Report($"--output {_work.Save}").AssertFailed(_work.Save);
        _work.Report($"--output {_work["model.onnx", "report.html"]}").AssertFailed(_work["model.onnx"], "cannot be written");
        Assert.That(_work.Unfinished(), Is.Empty);
    }
}
