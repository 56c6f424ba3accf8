using System.IO.Compression;
using TrakFast.Cli.Tests.Support;

namespace TrakFast.Integrity.Tests;

/// <summary>Points 11 and 12: wrong files are recognized, words fit, memory is foreseen.</summary>
public sealed class MessageTests
{
    [TestCase("pickle", "Python pickle")]
    [TestCase("torch", "torch.save")]
    [TestCase("npz", "np.savez")]
    [TestCase("shards", "shards")]
    public void FilesOfOtherKindsAreRecognized(string kind, string part)
    {
        using Workspace work = new();
        string file = work["other"];
        File.WriteAllBytes(file, Bytes(kind));
        work.AssertRefused($"--train image={file} label={work["train.label.npy"]}", file, part);
        work.AssertRefused($"--checkpoint {file}", file);
        work.AssertRefused($"--model {file}", file, part);
    }

    [TestCase("run", "--foo")]
    [TestCase("run --gradient-of fc1.*", "--foo")]
    [TestCase("run --train image=a.npy", "--foo")]
    [TestCase("top --save-dir x --targets 1", "--foo")]
    [TestCase("report --save-dir x --show image", "--foo")]
    public void AnUnknownOptionIsOneWhereverItStands(string before, string option) =>
        ToolResult.Of([.. before.Split(' '), option, "3"]).AssertWrongUsage($"Unrecognized command or argument '{option}'");

    [Test]
    public void ADirectoryWithoutARunSaysWhatIsWanted()
    {
        using Workspace work = new();
        ToolResult.Of(["top", "--save-dir", work["none"]]).AssertFailed("no such directory", "--save-dir");
        ToolResult.Of(["top", "--save-dir", work.Root]).AssertFailed("trakfast.json", "--save-dir");
    }

    [Test]
    public void APhaseWithNothingToDoSaysSo()
    {
        using Workspace work = new();
        work.Run().AssertDone();
        string output = work.Run("--resume").AssertDone().Output;
        foreach (string phase in new[] { "featurize", "finalize", "score", "score matrix" })
            Assert.That(output, Does.Match($@"(?m)^{phase} +already done"));
    }

    [TestCase(ScoreScaling.Unit, 2)]
    [TestCase(ScoreScaling.TrakPython, 3)]
    public void MemoryIsForeseenForEveryMatrixThatFinalizingHolds(ScoreScaling scaling, int matrices)
    {
        const int K = 4096;
        long bytes = 8L * matrices * K * K;
        Assert.That(() => MemoryCheck.KernelMatrices(K, scaling, bytes), Throws.Nothing);
        Assert.That(
            () => MemoryCheck.KernelMatrices(K, scaling, bytes - 1),
            Throws.InstanceOf<TrakException>().With.Message.Contains($"{matrices} matrices").And.Message.Contains($"{bytes >> 20} MiB"));
    }

    private static byte[] Bytes(string kind)
    {
        if (kind == "pickle") return [0x80, 4, 0x95, 0, 0, 0, 0, 0, 0, 0, 0, (byte)'.', .. new byte[100]];
        if (kind == "shards") return """{"metadata": {"total_size": 12}, "weight_map": {"a": "b.safetensors"}}"""u8.ToArray();
        using MemoryStream stream = new();
        using (ZipArchive archive = new(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            using Stream entry = archive.CreateEntry(kind == "npz" ? "arr_0.npy" : "model/data.pkl").Open();
            entry.Write(new byte[100]);
        }

        return stream.ToArray();
    }
}
