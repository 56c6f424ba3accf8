using TrakFast.Cli.Tests.Support;

namespace TrakFast.Cli.Tests.Tool.Fuzz;

/// <summary>
/// Whatever a file holds, the tool does its work or says in one sentence why not: it never fails in a way that it did
/// not foresee, leaves nothing half-written, and keeps no memory.
/// </summary>
public sealed class FuzzTests
{
    [TestCase("model.onnx", 300)]
    [TestCase("weights.safetensors", 150)]
    [TestCase("train.image.npy", 100)]
    [TestCase("train.label.npy", 300)]
    [TestCase("target.image.npy", 100)]
    [TestCase("target.label.npy", 300)]
    public void ADamagedInputIsReadOrRefused(string name, int times)
    {
        using SmallRun run = new();
        run.Run().AssertDone();
        Directory.Delete(run.Save, recursive: true);
        byte[] good = File.ReadAllBytes(run.File(name));
        Random random = new(20230324);
        int done = 0;
        for (int i = 0; i < times; i++)
        {
            byte[] bad = Mutation.Of(good, random);
            File.WriteAllBytes(run.File(name), bad);
            ToolResult result = run.Run();
            AssertForeseen(result, $"mutation {i} of {name}", bad);
            if (result.ExitCode == 0)
            {
                done++;
                Directory.Delete(run.Save, recursive: true);
            }
            else
            {
                // What failed after the training rows were done keeps them; earlier it leaves nothing.
                if (Directory.Exists(run.Save))
                {
                    Assert.That(File.Exists(Path.Combine(run.Save, "trakfast.json")), Is.True, $"mutation {i}: {result.Error}");
                    Directory.Delete(run.Save, recursive: true);
                }
            }

            Assert.That(Directory.GetFiles(run.Root, "*.part", SearchOption.AllDirectories), Is.Empty);
        }

        TestContext.Out.WriteLine($"{done} of {times} were still readable.");
    }

    [TestCase("trakfast.json", 80)]
    [TestCase("metadata.json", 40)]
    [TestCase("scores/default.mmap", 40)]
    [TestCase("0/grads.mmap", 40)]
    [TestCase("0/out_to_loss.mmap", 40)]
    [TestCase("0/_is_featurized.mmap", 40)]
    [TestCase("0/default_grads.mmap", 40)]
    public void ADamagedSaveDirectoryIsReadOrRefused(string name, int times)
    {
        using SmallRun run = new();
        run.Run().AssertDone();
        IReadOnlyDictionary<string, byte[]> files = run.Files();
        string path = Path.Combine(run.Save, name);
        if (name == "metadata.json")
            files = files.Where(static f => !f.Key.EndsWith("trakfast.json", StringComparison.Ordinal)).ToDictionary();
        Random random = new(20230325);
        for (int i = 0; i < times; i++)
        {
            run.Restore(files);
            byte[] bad = Mutation.Of(files[path], random);
            File.WriteAllBytes(path, bad);
            AssertForeseen(run.Top(), $"top, mutation {i} of {name}", bad);
            AssertForeseen(run.Run("--resume"), $"run, mutation {i} of {name}", bad);
        }
    }

    private static void AssertForeseen(ToolResult result, string what, byte[] bad)
    {
        string described = $"{what}: {result.Error}\n{Convert.ToBase64String(bad)}";
        Assert.That(result.ExitCode, Is.InRange(0, 1), described);
        Assert.That(result.ErrorLines, Has.Length.EqualTo(result.ExitCode), described);
        Assert.That(result.Error, Does.Not.StartWith("internal error"), described);
        Assert.That(result.BuffersLeft, Is.LessThanOrEqualTo(0), described);
    }
}
