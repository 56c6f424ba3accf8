using TrakFast.Cli.Arguments;
using TrakFast.Cli.Tests.Support;

namespace TrakFast.Cli.Tests.Tool;

/// <summary><c>run</c> takes checkpoints as training programs leave them, and says what it made of them.</summary>
public sealed class CheckpointCommandTests
{
    [TestCase("module.safetensors", "names are taken without 'module.'")]
    [TestCase("orig_mod.safetensors", "names are taken without '_orig_mod.module.'")]
    [TestCase("plain.pt", null)]
    [TestCase("legacy.pth", null)]
    [TestCase("lightning.ckpt", "names are taken without 'model.'")]
    [TestCase("shards", null)]
    [TestCase("extra.pt", "unused_head.weight is not in the model and passed over")]
    public void FeaturesAreTheSameToTheBit(string file, string? note)
    {
        using Workspace plain = new(), other = new();
        plain.Run($"--checkpoint {plain["checkpoint_0.safetensors"]}").AssertDone();
        ToolResult result = other.Run($"--checkpoint {File(file)}").AssertDone();
        string[] expected = Arrays(plain);
        Assert.That(expected.Count(static name => name.Contains("grads", StringComparison.Ordinal)), Is.GreaterThan(0));
        Assert.Multiple(() =>
        {
            Assert.That(Arrays(other), Is.EqualTo(expected));
            foreach (string name in expected)
                Assert.That(System.IO.File.ReadAllBytes(other["save", name]), Is.EqualTo(System.IO.File.ReadAllBytes(plain["save", name])), name);
            string line = $"{File(file)}: {note}.";
            string[] said = [.. Lines(result).Where(l => l.StartsWith($"{File(file)}:", StringComparison.Ordinal))];
            Assert.That(said, Is.EqualTo(note is null ? Array.Empty<string>() : [line]));
        });
    }

    [Test]
    public void HalfPrecisionGivesScoresThatAreTheSameWithinItsRounding()
    {
        using Workspace plain = new(), other = new();
        plain.Run($"--checkpoint {plain["checkpoint_0.safetensors"]}").AssertDone();
        other.Run($"--checkpoint {File("half.bin")}").AssertDone();
        float[] expected = plain.Scores(), actual = other.Scores();
        double difference = Math.Sqrt(expected.Zip(actual, static (a, b) => Math.Pow(a - b, 2)).Sum());
        double norm = Math.Sqrt(expected.Sum(static a => Math.Pow(a, 2)));
        Assert.That(difference / norm, Is.GreaterThan(0).And.LessThan(0.01));
    }

    [Test]
    public void APatternGivesItsFilesByTheNumbersInThem()
    {
        using Workspace work = new();
        foreach (int epoch in new[] { 10, 2, 1 })
        {
            Directory.CreateDirectory(work[$"run-{epoch}"]);
            System.IO.File.Copy(work["checkpoint_0.safetensors"], work[$"run-{epoch}", $"epoch-{epoch}.pt"]);
        }

        string[] expected = [work["run-1", "epoch-1.pt"], work["run-2", "epoch-2.pt"], work["run-10", "epoch-10.pt"]];
        Assert.That(
            CheckpointFile.ParseAll([work["run-*", "epoch-*.pt"]]),
            Is.EqualTo(expected.Select(static (path, i) => new CheckpointFile(i, path))));
        Assert.That(CheckpointFile.ParseAll([work["run-?", "epoch-2.pt"], "7=x"]).Select(static c => c.ModelId), Is.EqualTo(new[] { 0, 7 }));
        Assert.That(() => CheckpointFile.ParseAll([$"3={work["run-*", "*"]}"]), Throws.TypeOf<FormatException>().With.Message.Contains("3 checkpoints"));
    }

    [Test]
    public void AFolderOfATrainerGivesItsStepsAndEachIsShownWithItsModelId()
    {
        using Workspace work = new();
        ToolResult result = work.Run($"--checkpoint {File("trainer")} 7={work["checkpoint_1.safetensors"]}").AssertDone();
        string[] rows = [.. Lines(result).Where(static l => l.Contains("checkpoint", StringComparison.Ordinal)).Take(3)];
        Assert.Multiple(() =>
        {
            Assert.That(rows[0], Does.Contain("0").And.Contain("checkpoint-2"));
            Assert.That(rows[1], Does.Contain("1").And.Contain("checkpoint-10"));
            Assert.That(rows[2], Does.Contain("7").And.Contain("checkpoint_1.safetensors"));
        });
    }

    [Test]
    public void APatternThatMatchesNothingIsSaid()
    {
        using Workspace work = new();
        work.AssertRefused($"--checkpoint {work["gone-*.pt"]}", work["gone-*.pt"], "matches no file");
    }

    [TestCase("command.pt", "posix.system")]
    [TestCase("two.pt", "--weights-key")]
    [TestCase("adapter", "--merge-adapter")]
    [TestCase("half_of_it", "lacks fc1.weight [32, 64]")]
    public void WhatIsRefusedLeavesNothingBehind(string file, string part)
    {
        using Workspace work = new();
        SafetensorsFile.Write(work["half_of_it"], SafetensorsFile.Read(work["checkpoint_0.safetensors"]).Tensors.Where(
            static t => t.Key.StartsWith("fc2", StringComparison.Ordinal)));
        work.AssertRefused($"--checkpoint {(file == "half_of_it" ? work[file] : File(file))}", file, part);
        if (file == "half_of_it") work.Run($"--checkpoint {work[file]} --partial").AssertDone();
    }

    [Test]
    public void AKeyChoosesAmongWeights()
    {
        using Workspace work = new(), plain = new();
        work.Run($"--checkpoint {File("two.pt")} --weights-key netG").AssertDone();
        plain.Run($"--checkpoint {plain["checkpoint_0.safetensors"]}").AssertDone();
        Assert.That(work.Scores(), Is.EqualTo(plain.Scores()));
    }

    [Test]
    public void AnAdapterIsMergedIntoCheckpointsOrTheModelsOwnWeights()
    {
        using Workspace work = new(), merged = new(), own = new();
        ToolResult result = work.Run($"--checkpoint {work["checkpoint_0.safetensors"]} --merge-adapter {File("adapter")}").AssertDone();
        merged.Run($"--checkpoint {File("merged.safetensors")}").AssertDone();
        Assert.That(result.Output, Does.Contain("is merged into 2 layers"));
        Assert.That(work.Scores(), Is.EqualTo(merged.Scores()).Within(1e-3));
        own.Run($"--merge-adapter {File("adapter", "adapter_model.safetensors")}", without: "--checkpoint").AssertDone();
    }

    [TestCase("--weights-key")]
    [TestCase("--partial")]
    public void OptionsAboutCheckpointsWantSome(string option)
    {
        using Workspace work = new();
        work.Run($"{option}{(option == "--partial" ? "" : " a")}", without: "--checkpoint")
            .AssertWrongUsage($"{option} is about checkpoints, and no --checkpoint is given");
    }

    private static string File(params string[] parts) => Path.Combine([FixtureFolder.Path, "checkpoints", .. parts]);

    private static string[] Lines(ToolResult result) => [.. result.Output.Split(Environment.NewLine).Select(static l => l.Trim())];

    private static string[] Arrays(Workspace work) => [.. Directory.GetFiles(work.Save, "*.mmap", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(work.Save, file))
        .Order(StringComparer.Ordinal)];
}
