using TrakFast.Cli.Tests.Support;

namespace TrakFast.Cli.Tests.Tool.BadInput;

/// <summary>Save directories that hold another run, something else, or something damaged.</summary>
public sealed class SaveDirectoryTests
{
    [Test]
    public void ARunThatIsThereIsNotTouchedUnasked()
    {
        using Workspace work = new();
        work.Run().AssertDone();
        float[] before = work.Scores();
        work.Run("--seed 5").AssertFailed("already holds a run", "--resume", "--save-dir");
        Assert.That(work.Scores(), Is.EqualTo(before));
    }

    [TestCase("--seed 5", "seed 0, now 5")]
    [TestCase("--projection-dim 16", "projection dimension 32, now 16")]
    [TestCase("--projection gaussian", "projection sjlt, now gaussian")]
    [TestCase("--precision float16", "precision float32, now float16")]
    [TestCase("--scaling trak", "scaling unit, now trak")]
    [TestCase("--gradient-of fc1.*", "gradient dimension 2410, now 2080")]
    [TestCase("--temperature 2", "temperature 1, now 2")]
    public void AnotherRunIsShownWithBothValues(string change, string difference)
    {
        using Workspace work = new();
        work.Run().AssertDone();
        float[] before = work.Scores();
        work.Run($"{change} --resume").AssertFailed(difference, work.Save, "another save directory");
        Assert.That(work.Scores(), Is.EqualTo(before));
    }

    [Test]
    public void OtherWeightsUnderTheSameIdAreShown()
    {
        using Workspace work = new();
        work.Run().AssertDone();
        float[] before = work.Scores();
        work.Run($"--checkpoint {work["checkpoint_1.safetensors"]} {work["checkpoint_0.safetensors"]} --resume")
            .AssertFailed("Model 0", work["checkpoint_1.safetensors"], "another model id");
        Assert.That(work.Scores(), Is.EqualTo(before));
    }

    [TestCase("train.image.npy", "training data")]
    [TestCase("train.label.npy", "training data")]
    [TestCase("target.image.npy", "has the targets")]
    public void OtherDataOfTheSameSizeIsShown(string file, string difference)
    {
        using Workspace work = new();
        work.Run().AssertDone();
        float[] before = work.Scores();
        work.SetElements(file, (5, 0.25), (6, 1));
        work.Run("--resume").AssertFailed(difference, ", now ");
        Assert.That(work.Scores(), Is.EqualTo(before));
    }

    [Test]
    public void AnotherNumberOfExamplesOrTargetsIsShown()
    {
        using Workspace work = new();
        work.Run().AssertDone();
        foreach (string array in new[] { "image", "label" }) work.ChangeArray($"target.{array}.npy", static a => a.Rows(0, 10));
        work.Run("--resume").AssertFailed("'default' has 16 targets, now 10", "another name");
        work.Run("--resume --experiment fewer").AssertDone();
        Assert.That(work.Scores("fewer"), Has.Length.EqualTo(96 * 10));
        foreach (string array in new[] { "image", "label" }) work.ChangeArray($"train.{array}.npy", static a => a.Rows(0, 90));
        work.Run("--resume").AssertFailed("train set size 96, now 90");
    }

    [Test]
    public void AFileIsNoSaveDirectory()
    {
        using Workspace work = new();
        File.WriteAllText(work.Save, "mine");
        work.Run().AssertFailed(work.Save, "a file has that name");
        Assert.That(File.ReadAllText(work.Save), Is.EqualTo("mine"));
        work.Run($"--save-dir {work["save", "below"]}").AssertFailed(work["save", "below"]);
    }

    [Test]
    public void ADirectoryThatCannotBeWrittenIsSaid()
    {
        if (OperatingSystem.IsWindows() || Environment.UserName == "root")
        {
            Assert.Ignore("Permissions do not stop this user, so there is nothing to see.");
            return;
        }

        using Workspace work = new();
        Directory.CreateDirectory(work.Save);
        File.SetUnixFileMode(work.Save, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        work.Run().AssertFailed(work.Save);
        File.SetUnixFileMode(work.Save, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Test]
    public void AFailedRunLeavesWhatWasThereBefore()
    {
        using Workspace work = new();
        Directory.CreateDirectory(work.Save);
        File.WriteAllText(work["save", "notes.txt"], "mine");
        work.SetElements("train.image.npy", [.. Enumerable.Range(0, 64).Select(static i => (i, 3e38))]);
        work.Run().AssertFailed("training example 0");
        Assert.That(Directory.GetFileSystemEntries(work.Save), Is.EqualTo(new[] { work["save", "notes.txt"] }));
    }

    [TestCase("0")]
    [TestCase("scores")]
    public void WhatLooksLikeARunIsNeitherTakenNorRemoved(string folder)
    {
        using Workspace work = new();
        Directory.CreateDirectory(work["save", folder]);
        File.WriteAllText(work["save", folder, "grads.mmap"], "mine");
        work.Run().AssertFailed(work.Save, $"'{folder}'", "another save directory");
        work.Run("--resume").AssertFailed(work.Save, $"'{folder}'");
        Assert.That(
            Directory.GetFiles(work.Save, "*", SearchOption.AllDirectories), Is.EqualTo(new[] { work["save", folder, "grads.mmap"] }));
    }

    [TestCase("trakfast.json")]
    [TestCase("0/grads.mmap")]
    [TestCase("0/out_to_loss.mmap")]
    [TestCase("1/_is_featurized.mmap")]
    [TestCase("1/default_grads.mmap")]
    [TestCase("1/default_is_featurized.mmap")]
    public void AFileOfTheRunThatIsCutIsNamed(string file)
    {
        using Workspace work = new();
        work.Run().AssertDone();
        work.ChangeBytes($"save/{file}", static bytes => bytes[..(bytes.Length / 2)]);
        work.Run("--resume").AssertFailed(work["save", file]);
        Assert.That(work.Unfinished(), Is.Empty);
    }

    [TestCase("0/grads.mmap")]
    [TestCase("1/out_to_loss.mmap")]
    [TestCase("1/default_grads.mmap")]
    public void RowsThatAreMarkedAndMissingAreNotTakenForZeros(string file)
    {
        using Workspace work = new();
        work.Run().AssertDone();
        File.Delete(work[$"save/{file}"]);
        for (int attempt = 0; attempt < 2; attempt++) work.Run("--resume").AssertFailed(work["save", file], "is missing", "verify", "--repair");
    }

    [Test]
    public void ADamagedFeatureDoesNotBecomeAScore()
    {
        using Workspace work = new();
        work.Run().AssertDone();
        float[] before = work.Scores();
        work.SetElements("save/0/grads.mmap", (40, double.NaN));
        File.Delete(work["save", "0", "cholesky.npy"]);
        work.Run("--resume").AssertFailed(work["save", "0", "grads.mmap"], "row 1 ", "damaged");
        Assert.That(work.Scores(), Is.EqualTo(before));
    }

    [Test]
    public void ADamagedTargetDoesNotBecomeAScore()
    {
        using Workspace work = new();
        work.Run().AssertDone();
        float[] before = work.Scores();
        work.SetElements("save/0/default_grads.mmap", ((32 * 3) + 4, double.NaN));
        File.Delete(work["save", "scores", "default.mmap"]);
        work.Run("--resume").AssertFailed(work["save", "0", "default_grads.mmap"], "row 3 ", "damaged");
        Assert.That(ToolResult.Of(["verify", work.Save, "--repair"]).ExitCode, Is.EqualTo(1));
        work.Run("--resume").AssertDone();
        Assert.That(work.Scores(), Is.EqualTo(before));
        Assert.That(work.Unfinished(), Is.Empty);
    }

    [TestCase("\"train_set_size\": 96", "\"train_set_size\": -96", "train set size is -96")]
    [TestCase("\"projection_dimension\": 32", "\"projection_dimension\": 0", "projection dimension is 0")]
    [TestCase("\"precision\": \"float32\"", "\"precision\": \"float4\"", "precision is 'float4'")]
    [TestCase("\"targets\": 16", "\"targets\": 0", "'default' has 0 targets")]
    [TestCase("\"targets\": 16", "\"targets\": 99999999999999", "99999999999999 targets")]
    [TestCase("\"format\": 2", "\"format\": 3", "format 3")]
    [TestCase("\"default\": {", "\"../out\": {", "'../out'")]
    [TestCase("\"run\": {", "\"run\": 3, \"runs\": {", "JSON")]
    public void AManifestThatCannotBeIsDescribed(string good, string bad, string part)
    {
        using Workspace work = new();
        work.Run().AssertDone();
        string path = work["save", "trakfast.json"], text = File.ReadAllText(path);
        Assert.That(text, Does.Contain(good));
        File.WriteAllText(path, text.Replace(good, bad, StringComparison.Ordinal));
        work.Run("--resume").AssertFailed(path, part);
        work.Top().AssertFailed(path, part);
        work.Report().AssertFailed(path, part);
    }

    [TestCase("{")]
    [TestCase("null")]
    [TestCase("{\"JL dimension\": 32, \"JL matrix type\": \"sjlt\", \"train set size\": -1}")]
    [TestCase("{\"JL dimension\": 0, \"JL matrix type\": \"sjlt\", \"train set size\": 96}")]
    public void MetadataOfAnotherToolThatCannotBeIsDescribed(string text)
    {
        using Workspace work = new();
        work.Run().AssertDone();
        File.Delete(work["save", "trakfast.json"]);
        File.Delete(work["save", ".trakfast.copy.json"]);
        File.WriteAllText(work["save", "metadata.json"], text);
        work.Top().AssertFailed(work["save", "metadata.json"]);
        work.Run("--resume").AssertFailed(work["save", "metadata.json"]);
    }
}
