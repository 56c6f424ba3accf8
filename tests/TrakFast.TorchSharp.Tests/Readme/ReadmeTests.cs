using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TrakFast.TorchSharp.Tests.Readme;

/// <summary>What the README shows of TorchSharp compiles, runs, and is what it shows.</summary>
[NonParallelizable]
internal sealed class ReadmeTests
{
    [Test]
    public void ItShowsTheCodeThatIsTested()
    {
        string root = Path.GetFullPath(Path.Combine(FixtureFolder.Path, "..", ".."));
        string[] source = File.ReadAllLines(Path.Combine(root, "tests", "TrakFast.TorchSharp.Tests", "Readme", "ReadmeTests.cs"));
        int start = Array.FindIndex(source, static line => line.Trim() == "// sample") + 1, end = Array.FindIndex(source, start, static line => line.Trim() == "// end");
        string code = string.Join('\n', source[start..end].Select(static line => line.TrimStart()));
        Assert.That(File.ReadAllText(Path.Combine(root, "README.md")), Does.Contain($"```csharp\n{code}\n```"));
    }

    [Test]
    public async Task TheSampleRuns()
    {
        TorchLibrary.Require();
        string before = Directory.GetCurrentDirectory(), folder = Directory.CreateTempSubdirectory("trakfast-readme").FullName;
        Directory.SetCurrentDirectory(folder);
        try
        {
            using Sequential network = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 6 * 6, 3));
            using DataLoader loader = new(new Pictures(), 4);
            await FeaturizeAsync(network, loader, 10);
            using NpyRowsFile features = NpyRowsFile.Open(Path.Combine("run", "0", "grads.mmap"), TrakFast.Kernels.ElementType.Float32, 10, 2048);
            float[] rows = new float[10 * 2048];
            features.ReadRows(0, rows);
            Assert.That(rows.Chunk(2048).All(static row => row.Any(static v => v != 0)), Is.True);
        }
        finally
        {
            Directory.SetCurrentDirectory(before);
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task FeaturizeAsync(nn.Module network, DataLoader loader, long n)
    {
        // sample
        using TorchModel model = new(network, inputs: ["image"], outputs: ["logits"]);   // arrays of a batch → arguments, results → names
        using Traker traker = new(model, Tasks.ImageClassification, trainSetSize: n, new TrakOptions { SaveDirectory = "run", ProjectionDimension = 2048 });
        traker.LoadCheckpoint(TorchCheckpoint.From(network), modelId: 0);                // or TorchCheckpoint.ReadDat("weights.dat"), or SafetensorsFile.Read(…)
        await traker.FeaturizeAsync(TorchBatches.From(loader));                          // TorchSharp's DataLoader; or tensors; or any IAsyncEnumerable<Batch>
        traker.FinalizeFeatures();
        // end
    }

    private sealed class Pictures : utils.data.Dataset
    {
        public override long Count => 10;

        public override Dictionary<string, Tensor> GetTensor(long index) => new() { ["image"] = full(1, 8, 8, 0.1f * (index + 1)), ["label"] = tensor(index % 3) };
    }
}
