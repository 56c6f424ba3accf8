using TrakFast.Cli.Tests.Support;

namespace TrakFast.Integrity.Tests;

/// <summary>Point 1: a bit that flips anywhere in a finished directory is found and named, changes no number, and is repaired.</summary>
public sealed class ChecksumTests
{
    private const int Flips = 500;

    [TestCase("unit", 1)]
    [TestCase("trak", 2)]
    public void AFlippedBitIsFoundNamedAndRepaired(string scaling, int seed)
    {
        using SmallRun run = new();
        string[] options = ["--scaling", scaling];
        run.Run(options).AssertDone();
        IReadOnlyDictionary<string, byte[]> files = run.Files();
        string top = run.Top().AssertDone().Output;
        string[] paths = [.. files.Keys.Order(StringComparer.Ordinal)];
        Random random = new(seed);
        for (int flip = 0; flip < Flips; flip++)
        {
            string path = paths[random.Next(paths.Length)];
            byte[] bytes = [.. files[path]];
            int place = random.Next(bytes.Length), bit = random.Next(8);
            bytes[place] ^= (byte)(1 << bit);
            File.WriteAllBytes(path, bytes);
            string what = $"bit {bit} of byte {place} of {Path.GetRelativePath(run.Save, path)}";

            ToolResult verified = ToolResult.Of(["verify", "--save-dir", run.Save]);
            Assert.That(verified.ExitCode, Is.EqualTo(1), what);
            Assert.That(verified.Error, Does.Contain(Named(path)), what);
            ToolResult shown = run.Top();
            Assert.That(shown.ExitCode == 1 ? top : shown.Output, Is.EqualTo(top), what);

            Assert.That(ToolResult.Of(["verify", run.Save, "--repair"]).ExitCode, Is.EqualTo(1), what);
            run.Run([.. options, "--resume"]).AssertDone();
            IReadOnlyDictionary<string, byte[]> after = run.Files();
            Assert.That(after.Keys, Is.EquivalentTo(files.Keys), what);
            foreach (string file in paths) Assert.That(after[file].AsSpan().SequenceEqual(files[file]), Is.True, $"{what}: {file}");
        }
    }

    [Test]
    public void VerifyReadsWhatIsGivenBare()
    {
        using SmallRun run = new();
        run.Run().AssertDone();
        Assert.That(ToolResult.Of(["verify", run.Save]).AssertDone().Output, Does.Contain("everything is what was written"));
        ToolResult.Of(["verify", run.Root]).AssertFailed("holds no run");
        ToolResult.Of(["verify"]).AssertWrongUsage("save directory");
        ToolResult.Of(["verify", run.Save, "--save-dir", run.Save]).AssertWrongUsage("twice");
    }

    [Test]
    public void RowsOfAnotherCheckpointAreNotTakenForThisOnes()
    {
        using Workspace work = new();
        work.Run().AssertDone();
        foreach (string suffix in new[] { string.Empty, ".sums" })
            File.Copy(work["save", "1", $"grads.mmap{suffix}"], work["save", "0", $"grads.mmap{suffix}"], overwrite: true);
        ToolResult verified = ToolResult.Of(["verify", work.Save]);
        Assert.That(verified.ExitCode, Is.EqualTo(1));
        Assert.That(verified.Error, Does.Contain(Path.Combine("0", "grads.mmap")).And.Contain("rows 0 to 95"));
    }

    [Test]
    public void WhatIsDamagedIsDoneAgainAndNothingElse()
    {
        using Workspace work = new();
        work.Run().AssertDone();
        DateTime other = File.GetLastWriteTimeUtc(work["save", "1", "grads.mmap"]);
        byte[] good = File.ReadAllBytes(work["save", "0", "grads.mmap"]);
        work.SetElements("save/0/grads.mmap", (40, 1));
        Assert.That(ToolResult.Of(["verify", work.Save, "--repair"]).Error, Does.Contain("row 1 is not what was written"));
        ToolResult resumed = work.Run("--resume").AssertDone();
        Assert.That(File.ReadAllBytes(work["save", "0", "grads.mmap"]), Is.EqualTo(good));
        Assert.That(File.GetLastWriteTimeUtc(work["save", "1", "grads.mmap"]), Is.EqualTo(other));
        Assert.That(resumed.Output, Does.Match("finalize +already done").And.Match("score matrix +already done"));
    }

    // Checksums are named by the array that they are of.
    private static string Named(string path) => path.EndsWith(".sums", StringComparison.Ordinal) ? path[..^5] : path;
}
