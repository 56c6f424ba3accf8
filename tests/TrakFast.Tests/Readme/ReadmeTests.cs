using System.Text.RegularExpressions;
using TrakFast.Onnx;
using TrakFast.Tests.Support;

namespace TrakFast.Tests.Readme;

/// <summary>What the README and the tutorials show compiles, runs, and is what it shows.</summary>
[NonParallelizable]
public sealed class ReadmeTests
{
    private static readonly string Root = Path.GetFullPath(Path.Combine(Fixtures.Root, "..", ".."));

    [TestCase("library", "README.md")]
    [TestCase("task", "README.md")]
    [TestCase("text", "docs/text-classification.md")]
    [TestCase("clip", "docs/clip.md")]
    [TestCase("tags", "docs/custom-task.md")]
    public void ItShowsTheCodeThatIsTested(string sample, string page)
    {
        string[] source = File.ReadAllLines(Path.Combine(Root, "tests", "TrakFast.Tests", "Readme", "ReadmeSamples.cs"));
        int start = Array.FindIndex(source, line => line.Trim() == $"// sample: {sample}") + 1;
        int end = Array.FindIndex(source, start, static line => line.Trim() == "// end");
        int indent = source[start].Length - source[start].TrimStart().Length;
        string code = string.Join('\n', source[start..end].Select(line => line.Length > indent ? line[indent..] : string.Empty));
        code = code.Replace("TrakFast.Tasks.", "Tasks.");
        string shown = File.ReadAllText(Path.Combine(Root, page));

        // In a numbered step the whole block is indented.
        string inStep = string.Join('\n', code.Split('\n').Select(static line => line.Length > 0 ? $"   {line}" : line));
        Assert.That(shown, Does.Contain(code).Or.Contain(inStep));
    }

    [Test]
    public void PagesThatAreLinkedAreThere()
    {
        foreach (string page in new[] { "README.md", "docs/text-classification.md", "docs/clip.md", "docs/custom-task.md" })
        {
            string path = Path.Combine(Root, page);
            foreach (Match link in Regex.Matches(File.ReadAllText(path), @"\]\((?!https?:)([^)#]+)"))
                Assert.That(File.Exists(Path.Combine(Path.GetDirectoryName(path)!, link.Groups[1].Value)), Is.True, $"{page} links {link.Groups[1].Value}");
        }
    }

    [Test]
    public async Task TheLibrarySampleRuns()
    {
        using TemporaryDirectory directory = new();
        foreach (string file in Directory.EnumerateFiles(Fixtures.Path("mlp"))) File.Copy(file, directory[Path.GetFileName(file)]);
        await PrintsFiveAsync(directory, ReadmeSamples.LibraryAsync);
    }

    [Test]
    public async Task TheTextSampleRuns()
    {
        using TemporaryDirectory directory = new();
        foreach (string file in Directory.EnumerateFiles(Fixtures.Path("bert"), "*.npy")) File.Copy(file, directory[Path.GetFileName(file)]);

        // A classifier of whole numbers that any engine runs: their sum where the mask holds, and a dense layer.
        string[] names = ["input_ids", "token_type_ids", "attention_mask"];
        OnnxGraph graph = new(
            "texts",
            17,
            [.. names.Select(static name => new GraphValue(name, Kernels.ElementType.Int64, [null, 12]))],
            [new GraphValue("logits", Kernels.ElementType.Float32, [null, 2])],
            [
                .. names.Select(static name => new GraphNode("Cast", $"cast_{name}", [name], [$"{name}_float"], [KeyValuePair.Create("to", (AttributeValue)new IntegerAttribute(1))])),
                new GraphNode("Add", "add", ["input_ids_float", "token_type_ids_float"], ["sum"]),
                new GraphNode("Mul", "mask", ["sum", "attention_mask_float"], ["masked"]),
                new GraphNode("Gemm", "head", ["masked", "head.weight"], ["logits"], [KeyValuePair.Create("transB", (AttributeValue)new IntegerAttribute(1))]),
            ],
            [new Initializer("head.weight", DataArray.From(new float[24], 2, 12))]);
        OnnxFile.Write(graph, directory["model.onnx"]);
        float[] weights = [.. Enumerable.Range(0, 24).Select(static i => 0.01f * (i % 7))];
        SafetensorsFile.Write(directory["checkpoint_0.safetensors"], new Dictionary<string, DataArray> { ["head.weight"] = DataArray.From(weights, 2, 12) });
        await PrintsFiveAsync(directory, ReadmeSamples.TextAsync);
    }

    [Test]
    public async Task TheClipSampleRuns()
    {
        using TemporaryDirectory directory = new();
        OnnxFile.Write(TwoTowers.Graph(), directory["model.onnx"]);
        SafetensorsFile.Write(directory["checkpoint_0.safetensors"], TwoTowers.Weights(0).Tensors);
        foreach ((string set, Batch examples) in new[] { ("train", TwoTowers.Examples(1, TwoTowers.TrainSize)), ("target", TwoTowers.Examples(2, TwoTowers.TargetCount)) })
        {
            foreach (string name in examples.Names) NpyFile.Write(directory[$"{set}.{name}.npy"], examples[name]);
        }

        await PrintsFiveAsync(directory, ReadmeSamples.ClipAsync);
    }

    [Test]
    public void TheTagsAreAsTheTutorialSays()
    {
        using HandResult result = new(("logits", DataArray.From([2f, -1, 0, 0.5f], 2, 2)));
        Batch batch = new(("sign", DataArray.From([1f, 1, -1, -1], 2, 2)));
        Tags task = new();
        Assert.Multiple(() =>
        {
            Assert.That(task.GetOutput(result, batch).ToArray(), Is.EqualTo(new[] { 1f, -0.5f }).Within(1e-6f));
            Assert.That(task.GetOutToLossGradient(result, batch).ToArray(), Is.EqualTo(new[] { (0.1192029f + 0.7310586f) / 2, (0.5f + 0.6224593f) / 2 }).Within(1e-6f));
            Assert.That(task.GetLoss(result, batch).ToArray(), Is.EqualTo(new[] { (0.1269280f + 1.3132617f) / 2, (0.6931472f + 0.9740770f) / 2 }).Within(1e-6f));
            Assert.That(() => task.Check(result, new Batch(("sign", DataArray.From([1f, 1, 1, 0], 2, 2))), 10), Throws.InstanceOf<TrakException>().With.Message.Contains("example 11"));
        });
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

    private static async Task PrintsFiveAsync(TemporaryDirectory directory, Func<TextWriter, Task> sample)
    {
        string before = Directory.GetCurrentDirectory();
        Directory.SetCurrentDirectory(directory.Path);
        try
        {
            StringWriter output = new();
            await sample(output);
            Assert.That(output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries), Has.Length.EqualTo(5).And.All.StartsWith("TrainScore { Index = "));
        }
        finally
        {
            Directory.SetCurrentDirectory(before);
        }
    }
}
