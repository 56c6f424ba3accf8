using TrakFast.Onnx;
using TrakFast.Tests.Support;

namespace TrakFast.Tests.Readme;

/// <summary>What the README shows compiles, runs, and is what it shows.</summary>
[NonParallelizable]
public sealed class ReadmeTests
{
    private static readonly string Root = Path.GetFullPath(Path.Combine(Fixtures.Root, "..", ".."));

    [TestCase("library")]
    [TestCase("task")]
    public void ItShowsTheCodeThatIsTested(string sample)
    {
        string[] source = File.ReadAllLines(Path.Combine(Root, "tests", "TrakFast.Tests", "Readme", "ReadmeSamples.cs"));
        int start = Array.FindIndex(source, line => line.Trim() == $"// sample: {sample}") + 1;
        int end = Array.FindIndex(source, start, static line => line.Trim() == "// end");
        int indent = source[start].Length - source[start].TrimStart().Length;
        string code = string.Join('\n', source[start..end].Select(line => line.Length > indent ? line[indent..] : string.Empty));
        Assert.That(File.ReadAllText(Path.Combine(Root, "README.md")), Does.Contain(code.Replace("TrakFast.Tasks.", "Tasks.")));
    }

    [Test]
    public async Task TheLibrarySampleRuns()
    {
        using TemporaryDirectory directory = new();
        foreach (string file in Directory.EnumerateFiles(Fixtures.Path("mlp"))) File.Copy(file, directory[Path.GetFileName(file)]);
        string before = Directory.GetCurrentDirectory();
        Directory.SetCurrentDirectory(directory.Path);
        try
        {
            StringWriter output = new();
            await ReadmeSamples.LibraryAsync(output);
            Assert.That(output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries), Has.Length.EqualTo(5).And.All.StartsWith("TrainScore { Index = "));
        }
        finally
        {
            Directory.SetCurrentDirectory(before);
        }
    }

    [Test]
    public void TheCustomTaskGivesItsOutputAndTheDerivedQ()
    {
        GraphBuilder build = new("detector");
        LayerValue x = build.Input("x", 2);
        using OnnxModel model = new(build.Output(build.Linear(x, "head", 1), "score").Build());
        model.Load(new Checkpoint("hand", new Dictionary<string, DataArray> { ["head.weight"] = DataArray.From([1f, 2f], 1, 2), ["head.bias"] = DataArray.From([0.5f], 1) }));
        Batch batch = new(("x", DataArray.From([1f, 1f, -1f, 0.25f], 2, 2)), ("sign", DataArray.From([1f, -1f], 2)));
        using ModelResult result = model.Forward(batch);
        DetectorOutput task = new();
        Assert.Multiple(() =>
        {
            Assert.That(task.GetOutput(result, batch).ToArray(), Is.EqualTo(new[] { 3.5f, 0f }).Within(1e-6f));

            // −d log(1 + e⁻ᶠ)/df = 1/(1 + eᶠ): the probability of the wrong answer.
            Assert.That(task.GetOutToLossGradient(result, batch).ToArray(), Is.EqualTo(new[] { 0.0293122f, 0.5f }).Within(1e-6f));
        });
    }
}
