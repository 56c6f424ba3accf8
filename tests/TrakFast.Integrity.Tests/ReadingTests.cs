using TrakFast.Cli.Tests.Support;
using TrakFast.Kernels;

namespace TrakFast.Integrity.Tests;

/// <summary>Point 10: what is read is whole, finite and ours.</summary>
public sealed class ReadingTests
{
    [Test]
    public void ScoresThatAreNotFiniteAreRefusedByEveryReader()
    {
        using Workspace work = new();
        work.Run().AssertDone();

        // As MadryLab/trak would have written them: without checksums that would tell.
        string path = work["save", "scores", "default.mmap"];
        float[] row = new float[16];
        Array.Fill(row, float.NaN);
        using (NpyRowsFile file = NpyRowsFile.Open(path, FileAccess.ReadWrite)) file.WriteElements<float>(3, row);
        using NpyRowsFile scores = NpyRowsFile.Open(path);
        Assert.That(
            () => Scores.Open(scores), Throws.InstanceOf<SaveDirectoryException>().With.Message.Contains("NaN").And.Message.Contains("training example 3"));
        work.Top().AssertFailed("default.mmap", "row 3");
        work.Report().AssertFailed("default.mmap", "row 3");
    }

    [Test]
    public void LargeScoresThatAreCutShortWhileTheyAreOpenAreAnErrorAndNoCrash()
    {
        string folder = Directory.CreateTempSubdirectory("trakfast-scores-").FullName;
        string path = Path.Combine(folder, "s.mmap");
        NpyRowsFile.Create(path, ElementType.Float32, 70_000, 1000).Dispose();
        using (Scores scores = Scores.Open(NpyRowsFile.Open(path)))
        {
            Assert.That(scores[69_999, 999], Is.Zero);
            using (FileStream file = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite)) file.SetLength(1000);
            Assert.That(() => scores.Row(69_999), Throws.InstanceOf<TrakException>().With.Message.Contains("cut short"));
            Assert.That(() => scores.Top(3, 5), Throws.InstanceOf<TrakException>().With.Message.Contains("cut short"));
        }

        Directory.Delete(folder, recursive: true);
    }

    [Test]
    public void AReportReplacesReportsAlone()
    {
        using Workspace work = new();
        work.Run().AssertDone();
        File.WriteAllText(work["report.html"], "<html>My diary</html>");
        work.Report().AssertFailed(work["report.html"], "did not write");
        Assert.That(File.ReadAllText(work["report.html"]), Is.EqualTo("<html>My diary</html>"));
        File.Delete(work["report.html"]);
        work.Report().AssertDone();
        work.Report("--title Again").AssertDone();
        Assert.That(File.ReadAllText(work["report.html"]), Does.Contain("Again"));
    }

    [Test]
    public void EveryLostFileOfACheckpointIsNamed()
    {
        using Workspace work = new();
        work.Run().AssertDone();
        foreach (string file in new[] { "grads.mmap", "out_to_loss.mmap" }) File.Delete(work["save", "0", file]);
        for (int attempt = 0; attempt < 2; attempt++)
            work.Run("--resume").AssertFailed(work["save", "0", "grads.mmap"], work["save", "0", "out_to_loss.mmap"], "are missing");
        Assert.That(ToolResult.Of(["verify", work.Save, "--repair"]).ExitCode, Is.EqualTo(1));
        float[] before = work.Scores();
        work.Run("--resume").AssertDone();
        Assert.That(work.Scores(), Is.EqualTo(before));
        Assert.That(ToolResult.Of(["verify", work.Save]).ExitCode, Is.Zero);
    }

    [Test]
    public void UnitScalingKeepsNoFeaturesTwice()
    {
        using Workspace unit = new(), trak = new();
        unit.Run().AssertDone();
        trak.Run("--scaling trak").AssertDone();
        Assert.That(File.Exists(unit["save", "0", "features.mmap"]), Is.False);
        Assert.That(File.Exists(trak["save", "0", "features.mmap"]), Is.True);
    }
}
