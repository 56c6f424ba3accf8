using System.Reflection;
using TrakFast.Kernels;
using TrakFast.Onnx;
using TrakFast.TorchSharp;

namespace TrakFast.Docs.Tests.CSharp;

/// <summary>Every block of C# on every page compiles without a warning; those that can run here do, and print what they should.</summary>
[NonParallelizable]
public sealed class CSharpTests
{
    private static IEnumerable<TestCaseData> Programs =>
        PageProgram.All.Select(static program => new TestCaseData(program).SetArgDisplayNames($"{program}"));

    [TestCaseSource(nameof(Programs))]
    public void ItCompilesWithoutAWarning(object program) => ((PageProgram)program).Compile();

    [TestCase("README.md", "mlp", 5)]
    [TestCase("docs/text-classification.md", "bert", 5)]
    [TestCase("docs/clip.md", "clip", 5)]
    public void ItPrintsTheStrongestProponents(string page, string fixture, int lines)
    {
        using WorkingFolder folder = WorkingFolder.Of(fixture);
        string[] output = PageProgram.All.Single(p => p.Path == page).Run();
        Assert.That(output, Has.Length.EqualTo(lines).And.All.StartsWith("TrainScore { Index = "));
    }

    [Test]
    public void TheSampleIsTheProgramOfTheReadme()
    {
        string[] sample = File.ReadAllLines(Repository.Full("samples/Library/Program.cs"));
        int ownLines = Array.FindIndex(sample, static line => line.StartsWith("Directory.SetCurrentDirectory", StringComparison.Ordinal));
        string[] shown = PageProgram.All.Single(static p => p.Path == "README.md").Text.Split('\n');
        Assert.That(
            sample[(ownLines + 2)..],
            Is.EqualTo(shown.SkipWhile(static line => line.StartsWith("using TrakFast", StringComparison.Ordinal) || line.Length == 0)));
    }

    [Test]
    public void TheLibraryPageRunsFromBeginningToEnd()
    {
        using WorkingFolder folder = WorkingFolder.Of("mlp");
        folder.WriteRetrainings(train: 96, targets: 16);
        string[] output = PageProgram.All.Single(static p => p.Path == "docs/library.md").Run();
        Assert.Multiple(() =>
        {
            Assert.That(output, Has.Exactly(11).StartsWith("TrainScore { Index = "));
            Assert.That(output, Does.Contain("96 of 96 done"));
            Assert.That(output, Does.Contain("2 examples, labels 3 and 8"));
            Assert.That(output, Has.One.Matches("^image_classification in .*library-run: most suspicious is [0-9]+"));
            Assert.That(output, Has.One.StartsWith("TRAK, loss weighting: LDS ").And.One.StartsWith("ceiling "));
        });
    }

    [Test]
    public void TheTasksPageListsThem()
    {
        string[] output = PageProgram.All.Single(static p => p.Path == "docs/tasks.md").Run();
        Assert.That(output, Is.EqualTo(Tasks.Names));
        foreach (string name in Tasks.Names) Assert.That(Page.Of("docs/tasks.md").Spans, Does.Contain(name));
    }

    [Test]
    public void TheGradientsPagePrintsThoseOfTheFixture()
    {
        using WorkingFolder folder = WorkingFolder.Of("mlp");
        string[] output = PageProgram.All.Single(static p => p.Path == "docs/per-example-gradients.md").Run();
        DataArray outputs = NpyFile.Read("expected_0.train.outputs.npy");
        Assert.Multiple(() =>
        {
            Assert.That(output, Has.Length.EqualTo(2 + 96));
            Assert.That(output[0], Does.StartWith("fc2.weight [10, "));
            Assert.That(output[1], Does.StartWith("fc2.bias [10] from coordinate "));
            Assert.That(output[2], Does.StartWith($"0: f = {outputs.ToFloats()[0]:F3}, |∇f| = "));
        });
    }

    [Test]
    public void TheTorchSharpPageRuns()
    {
        if (!TorchLibrary.IsAvailable(out string detail)) Assert.Ignore(detail);
        using WorkingFolder folder = WorkingFolder.Of("mlp");
        foreach (PageProgram program in PageProgram.All.Where(static p => p.Path == "docs/torchsharp.md"))
        {
            if (program.Text.Contains("\"cuda\"", StringComparison.Ordinal) && !CudaBackend.IsAvailable(0, out _)) continue;
            program.Run();
        }

        float[] rows = new float[10 * 2048];
        using (NpyRowsFile features = NpyRowsFile.Open(Path.Combine("run", "0", "grads.mmap"), ElementType.Float32, 10, 2048))
            features.ReadRows(0, rows);
        Assert.That(rows.Chunk(2048).All(static row => row.Any(static v => v != 0)), Is.True);
    }

    [Test]
    public void TheCudaPageRuns()
    {
        if (!CudaBackend.IsAvailable(0, out string detail)) Assert.Ignore(detail);
        PageProgram.All.Single(static p => p.Path == "docs/cuda.md").Run();
    }

    [Test]
    public void TheTagsAreAsTheTutorialSays()
    {
        ModelOutput task = TaskOf("Tags");
        using OnnxModel model = Passing("logits", 2);
        using ModelResult result = model.Forward(new Batch(("given", DataArray.From([2f, -1, 0, 0.5f], 2, 2))));
        Batch batch = new(("sign", DataArray.From([1f, 1, -1, -1], 2, 2)));
        Assert.Multiple(() =>
        {
            Assert.That(task.GetOutput(result, batch).ToArray(), Is.EqualTo(new[] { 1f, -0.5f }).Within(1e-6f));
            Assert.That(
                task.GetOutToLossGradient(result, batch).ToArray(),
                Is.EqualTo(new[] { (0.1192029f + 0.7310586f) / 2, (0.5f + 0.6224593f) / 2 }).Within(1e-6f));
            Assert.That(
                task.GetLoss(result, batch).ToArray(),
                Is.EqualTo(new[] { (0.1269280f + 1.3132617f) / 2, (0.6931472f + 0.9740770f) / 2 }).Within(1e-6f));
            Assert.That(
                () => task.Check(result, new Batch(("sign", DataArray.From([1f, 1, 1, 0], 2, 2))), 10),
                Throws.InstanceOf<TrakException>().With.Message.Contains("example 11"));
        });
    }

    [Test]
    public void TheCustomTaskGivesItsOutputAndTheDerivedQ()
    {
        ModelOutput task = TaskOf("DetectorOutput");
        using OnnxModel model = Passing("score", 1);
        using ModelResult result = model.Forward(new Batch(("given", DataArray.From([3.5f, 0], 2, 1))));
        Batch batch = new(("sign", DataArray.From([1f, -1], 2)));
        Assert.Multiple(() =>
        {
            Assert.That(task.GetOutput(result, batch).ToArray(), Is.EqualTo(new[] { 3.5f, 0f }).Within(1e-6f));

            // −d log(1 + e⁻ᶠ)/df = 1/(1 + eᶠ): the probability of the wrong answer.
            Assert.That(task.GetOutToLossGradient(result, batch).ToArray(), Is.EqualTo(new[] { 0.0293122f, 0.5f }).Within(1e-6f));
        });
    }

    /// <summary>A network whose output is what it is given, [B, width].</summary>
    private static OnnxModel Passing(string output, long width) => new(new OnnxGraph(
        "passing",
        17,
        [new GraphValue("given", ElementType.Float32, [null, width])],
        [new GraphValue(output, ElementType.Float32, [null, width])],
        [new GraphNode("Identity", "pass", ["given"], [output])],
        []));

    private static ModelOutput TaskOf(string type)
    {
        Assembly assembly = PageProgram.All
            .Single(p => p.Path == "docs/custom-task.md" && p.Text.Contains($"class {type} ", StringComparison.Ordinal))
            .Compile();
        return (ModelOutput)Activator.CreateInstance(assembly.GetType(type)!)!;
    }
}
