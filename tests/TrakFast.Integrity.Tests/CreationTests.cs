using TrakFast.Cli.Tests.Support;

namespace TrakFast.Integrity.Tests;

/// <summary>Point 3: whatever is left of a run that was killed is a new directory or one that can be taken up again.</summary>
public sealed class CreationTests
{
    [Test]
    public void TheManifestIsWrittenFirst()
    {
        using SmallRun run = new();
        run.Run().AssertDone();
        DateTime first = File.GetCreationTimeUtc(Path.Combine(run.Save, "metadata.json"));
        Assert.That(File.ReadAllText(Path.Combine(run.Save, "trakfast.json")), Does.StartWith("{\n  \"format\": 2,").Or.StartWith("{\r\n  \"format\": 2,"));
        Assert.That(first, Is.Not.Default);

        // What is there before the manifest has its name counts as nothing.
        Directory.Delete(run.Save, recursive: true);
        Directory.CreateDirectory(run.Save);
        File.WriteAllText(Path.Combine(run.Save, "trakfast.json.abc.part"), "{");
        run.Run().AssertDone();
        Assert.That(Directory.GetFiles(run.Save, "*.part*", SearchOption.AllDirectories), Is.Empty);
    }

    [Test]
    public void EveryFileThatALaterOneFollowsCanBeMissing()
    {
        using SmallRun run = new();
        run.Run().AssertDone();
        IReadOnlyDictionary<string, byte[]> files = run.Files();
        string[] followers =
            ["metadata.json", "id_0.json", "experiments.json", ".trakfast.copy.json", Path.Combine("scores", "default.json"),
             Path.Combine("0", "cholesky.npy"), Path.Combine("scores", "default.mmap"), Path.Combine("scores", "default.mmap.sums")];
        foreach (string follower in followers)
        {
            run.Restore(files);
            File.Delete(Path.Combine(run.Save, follower));
            run.Run("--resume").AssertDone();
            run.Top().AssertDone();
            Assert.That(ToolResult.Of(["verify", run.Save]).ExitCode, Is.Zero, follower);
        }
    }

    [Test]
    public void WhatFollowsFromTheManifestIsBroughtUpToIt()
    {
        // Killed between the manifest, which has the scores, and the file that MadryLab/trak reads.
        using SmallRun run = new();
        run.Run().AssertDone();
        string path = Path.Combine(run.Save, "experiments.json");
        string good = File.ReadAllText(path);
        File.WriteAllText(path, good.Replace("\"scores_finalized\": 1", "\"scores_finalized\": 0", StringComparison.Ordinal));
        Assert.That(File.ReadAllText(path), Is.Not.EqualTo(good));
        run.Run("--resume").AssertDone();
        Assert.That(File.ReadAllText(path), Is.EqualTo(good));
    }

    [Test]
    public void StrayPartsOfEveryFolderAreCleared()
    {
        using SmallRun run = new();
        run.Run().AssertDone();
        foreach (string folder in new[] { string.Empty, "0", "scores" }) File.WriteAllText(Path.Combine(run.Save, folder, "x.part"), "half");
        File.WriteAllText(Path.Combine(run.Save, "scores", "default.mmap.part.sums"), "half");
        run.Run("--resume").AssertDone();
        Assert.That(Directory.GetFiles(run.Save, "*.part*", SearchOption.AllDirectories), Is.Empty);
    }

    [Test]
    public void AMissingManifestIsTakenFromItsCopy()
    {
        using SmallRun run = new();
        run.Run().AssertDone();
        string path = Path.Combine(run.Save, "trakfast.json");
        byte[] good = File.ReadAllBytes(path);
        File.Delete(path);
        run.Top().AssertFailed("lacks trakfast.json", "--repair");
        Assert.That(ToolResult.Of(["verify", run.Save, "--repair"]).Error, Does.Contain("trakfast.json is missing"));
        Assert.That(File.ReadAllBytes(path), Is.EqualTo(good));
        run.Top().AssertDone();
    }
}
