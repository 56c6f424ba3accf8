using TrakFast.Kernels;

namespace TrakFast.Onnx.Tests;

/// <summary>What passes take is what was stated before them, and what they took comes back.</summary>
internal sealed class MemoryTests
{
    private const int Examples = 64;
    private const int Repeated = 32;

    private static IEnumerable<string> Networks =>
        new[] { "resnet18-17", "convnext-13", "efficientnet-18", "mixer-18-folded", "mobilenet2-13", "densenet-18", "vgg", "unet" }
            .Where(static n => Directory.Exists(Path.Combine(FixtureFolder.Path, "exports", n)));

    private static IEnumerable<string> Kinds => Directory.GetDirectories(Path.Combine(FixtureFolder.Path, "networks"))
        .Select(static d => Path.GetFileName(d)!)
        .Order(StringComparer.Ordinal);

    [TestCaseSource(nameof(Networks))]
    public void PassesTakeWhatWasStated(string name)
    {
        Checkpoint arrays = SafetensorsFile.Read(Path.Combine(FixtureFolder.Path, "exports", name, "case.safetensors"));
        using OnnxModel model = OnnxModel.Load(Path.Combine(FixtureFolder.Path, "exports", name, "model.onnx"));
        Batch batch =
            new Batch(("image", arrays.Tensors["image"])).Rows([.. Enumerable.Range(0, Examples).Select(static i => (long)(i % 2))]);
        MemoryEstimate stated = model.EstimateMemory(
            Examples, new Dictionary<string, IReadOnlyList<long>> { ["image"] = [.. batch["image"].Shape.Skip(1)] });
        Pass(model, batch, ParameterSelection.All(model.Parameters));
        Assert.That(model.PassBytes, Is.EqualTo(stated.Passes).Within(20).Percent);
    }

    [TestCaseSource(nameof(Kinds))]
    public void PassesOfNetworksOfEveryKindTakeWhatWasStated(string name)
    {
        string folder = Path.Combine(FixtureFolder.Path, "networks", name);
        Checkpoint arrays = SafetensorsFile.Read(Path.Combine(folder, "case.safetensors"));
        using OnnxModel model = OnnxModel.Load(Path.Combine(folder, "model.onnx"));
        Batch batch = new Batch(model.Inputs.Select(input => KeyValuePair.Create(input, arrays.Tensors[$"inputs/{input}"])))
            .Rows([.. Enumerable.Range(0, Repeated).Select(static i => (long)(i % 3))]);
        MemoryEstimate stated = model.EstimateMemory(
            Repeated, model.Inputs.ToDictionary(static i => i, i => (IReadOnlyList<long>)[.. batch[i].Shape.Skip(1)]));
        using (ModelResult result = model.Forward(batch))
        {
            Variable f = result.Names
                .Where(n => arrays.Tensors.ContainsKey($"weights/{n}"))
                .Select(n => result[n].Reshape(batch.Size, -1).Sum(1))
                .Aggregate(static (sum, next) => sum + next);
            model.Backward(f, ParameterSelection.All(model.Parameters), new NoSink());
        }

        using (Assert.EnterMultipleScope())
        {
            Assert.That(model.PassBytes, Is.EqualTo(stated.Passes).Within(20).Percent);
            Assert.That(stated.Inputs, Is.EqualTo(model.Inputs.Sum(i => batch[i].Bytes.Length)));
        }
    }

    [Test]
    public void APassThatNobodyAsksGradientsOfKeepsLittle()
    {
        TestGraph graph = new();
        string value = graph.Input("x", null, 4096);
        for (int i = 0; i < 20; i++) value = graph.Node("Mul", [value, graph.Parameter($"w{i}", 4096)]);
        OnnxGraph built = graph.Build(value);
        using OnnxModel all = new(built), none = new(built);
        Batch batch = graph.Batch(8);
        all.Forward(batch).Dispose();
        none.Forward(batch, ParameterSelection.None).Dispose();
        Assert.That(none.PassBytes, Is.LessThan(all.PassBytes / 5));
    }

    [Test]
    public void GradientsOfTheLastLayerKeepLittle()
    {
        TestGraph graph = new();
        string value = graph.Input("x", null, 4096);
        for (int i = 0; i < 20; i++) value = graph.Node("Mul", [value, graph.Parameter($"w{i}", 4096)]);
        OnnxGraph built = graph.Build(value);
        using OnnxModel model = new(built);
        ParameterSelection last = ParameterSelection.Matching(model.Parameters, ["w19"]);
        Assert.That(model.EstimateMemory(8, selection: last).Passes, Is.LessThan(model.EstimateMemory(8).Passes / 2));
    }

    [Test]
    public void WhatAForwardPassFreedIsNotAskedFor()
    {
        TestGraph graph = new();
        string value = graph.Node(
            "Mul", [graph.Node("Mul", [graph.Input("x", null, 4), graph.Parameter("a", 4)]), graph.Parameter("b", 4)]);
        using OnnxModel model = new(graph.Build(value));
        using ModelResult result = model.Forward(graph.Batch(3), ParameterSelection.Matching(model.Parameters, ["b"]));
        Variable f = result.First.Sum(1);
        ParameterSelection all = ParameterSelection.All(model.Parameters);
        Assert.That(
            () => model.Backward(f, all, new DenseSink(3, all.Length)),
            Throws.InvalidOperationException.With.Message.Contains("gradient of a"));
    }

    [Test]
    public void ABatchThatCannotFitIsRefusedBeforeItRuns()
    {
        TestGraph graph = new();
        string x = graph.Node("Mul", [graph.Input("x", null, 1), graph.Parameter("w", 1)]);
        string large = graph.Node("Expand", [x, graph.Integers("sizes", 1, 1 << 30)]);
        using OnnxModel model = new(graph.Build(large));
        Assert.That(
            () => model.Forward(graph.Batch(512)),
            Throws.InstanceOf<TrakException>().With.Message.Contains("512 examples").And.Message.Contains("smaller batch"));
    }

    [Test]
    public void NothingStaysBehind()
    {
        long before = NativeBuffers.Alive;
        TestGraph graph = new();
        string y = graph.Node(
            "Relu", [graph.Node("Gemm", [graph.Input("x", null, 4), graph.Parameter("w", 4, 4), graph.Parameter("b", 4)])]);
        OnnxModel model = new(graph.Build(y));
        for (int i = 0; i < 3; i++) Pass(model, graph.Batch(4), ParameterSelection.All(model.Parameters));
        model.Dispose();
        Assert.That(NativeBuffers.Alive, Is.EqualTo(before));
    }

    private static void Pass(OnnxModel model, Batch batch, ParameterSelection selection)
    {
        using ModelResult result = model.Forward(batch, selection);
        model.Backward(result.First.Reshape(batch.Size, -1).Sum(1), selection, new NoSink());
    }

    private sealed class NoSink : IGradientSink
    {
        public void Accept(GradientBlock block) => Assert.That(block.Batch, Is.Positive);
    }
}
