namespace TrakFast.Onnx.Tests;

/// <summary>Weights stored transposed under the exporter's name take a checkpoint's values where their own name is certain.</summary>
internal sealed class FoldedWeightsTests
{
    [TestCase("/fc/MatMul", "fc.bias")]
    [TestCase("/fc/MatMul_1", "fc.bias")]
    [TestCase("/layers.0/fc/MatMul", "layers.0.fc.bias")]
    [TestCase("/net/net.0/net.0.1/MatMul", "net.0.1.bias")]
    [TestCase("/bert/encoder/layer.0/attention/self/query/MatMul", "bert.encoder.layer.0.attention.self.query.bias")]
    public void ACertainNameIsFound(string node, string bias)
    {
        string weight = bias[..^4] + "weight";
        using OnnxModel model = new(Linear(node, bias).Read());
        Assert.That(FoldedWeights.Names(model.Graph), Is.EqualTo(new Dictionary<string, string> { ["onnx::MatMul_9"] = weight }));
        model.Load(new Checkpoint("state", new Dictionary<string, DataArray>
        {
            [weight] = DataArray.From([1f, 2, 3, 4, 5, 6], 3, 2),
            [bias] = DataArray.From([10f, 20, 30], 3)
        }));
        using ModelResult result = model.Forward(new Batch(("x", DataArray.From([1f, 100], 1, 2))));
        Assert.That(result.First.ToArray(), Is.EqualTo(new float[] { 211, 423, 635 }));
    }

    [TestCase("/other/MatMul", "fc.bias")]
    [TestCase("/MatMul", "bias")]
    [TestCase("MatMul_3", "fc.bias")]
    [TestCase("/fc/MatMul", "fc.shift")]
    [TestCase("/a/fc/MatMul", "fc.bias")]
    public void AnUncertainNameIsNot(string node, string bias) => Assert.That(FoldedWeights.Names(Linear(node, bias).Read()), Is.Empty);

    [Test]
    public void WithoutItsBiasOrReadTwiceAWeightHasNoCertainName()
    {
        ModelFile plain = Linear("/fc/MatMul", "fc.bias");
        plain.Graph.Output[0].Name = "p";
        Assert.That(FoldedWeights.Names(plain.Read()), Is.Empty);

        ModelFile shared = Linear("/a/MatMul", "a.bias").Node("MatMul", "x onnx::MatMul_9", "p2").Node("Add", "p2 b.bias", "z").Output("z")
            .Array("b.bias", new float[3], 3);
        shared.Graph.Node[2].Name = "/b/MatMul";
        Assert.That(FoldedWeights.Names(shared.Read()), Is.Empty);
    }

    [Test]
    public void ALayerThatRunsTwiceHasOneWeight()
    {
        // The exporter works the transposed weight out for each run, and finds that the second is equal to the first.
        ModelFile twice = new ModelFile().Input("x", 2).Output("y").Array("onnx::MatMul_9", [1, 2, 3, 4], 2, 2)
            .Array("fc.bias", new float[2], 2)
            .Node("Identity", "onnx::MatMul_9", "onnx::MatMul_12")
            .Node("MatMul", "x onnx::MatMul_9", "p").Node("Add", "fc.bias p", "h").Node("MatMul", "h onnx::MatMul_12", "q")
            .Node("Add", "fc.bias q", "y");
        twice.Graph.Node[1].Name = "/fc/MatMul";
        twice.Graph.Node[3].Name = "/fc_1/MatMul";
        using OnnxModel model = new(twice.Read());
        Assert.That(model.Parameters.Select(static p => p.Name), Is.EqualTo(new[] { "onnx::MatMul_9", "fc.bias" }));
    }

    [Test]
    public void WhatDoesNotFitIsListedWithTheHint()
    {
        using OnnxModel model = new(Linear("/fc/MatMul", "fc.bias").Read());
        Dictionary<string, DataArray> tensors = new()
        {
            ["fc.weight"] = DataArray.From(new float[8], 4, 2),
            ["fc.bias"] = DataArray.From(new float[3], 3)
        };
        Assert.That(
            () => model.Load(new Checkpoint("state", tensors)),
            Throws.InstanceOf<TrakException>().With.Message.Contains("lacks onnx::MatMul_9 [2, 3]").And.Message.Contains("fc.weight [4, 2]")
                .And.Message.Contains("without constant folding"));
        tensors["fc.weight"] = DataArray.From([1f, 2, 3, float.NaN, 5, 6], 3, 2);
        Assert.That(
            () => model.Load(new Checkpoint("state", tensors)),
            Throws.InstanceOf<TrakException>().With.Message.Contains("fc.weight[1, 1] = NaN"));
    }

    [Test]
    public void AModelsOwnCheckpointKeepsTheExportersNames()
    {
        using OnnxModel model = new(Linear("/fc/MatMul", "fc.bias").Read());
        Assert.That(() => model.Load(model.ToCheckpoint("own")), Throws.Nothing);
    }

    [Test]
    public void ExportersWriteSuchNames([Values("mixer-18-folded", "convnext-17-folded", "linear3d_bn-17-folded")] string name)
    {
        OnnxGraph graph = OnnxFile.Read(Path.Combine(FixtureFolder.Path, "exports", name, "model.onnx"));
        string[] generated =
            [.. graph.Parameters.Select(static p => p.Name).Where(static p => p.StartsWith("onnx::MatMul", StringComparison.Ordinal))];
        IReadOnlyDictionary<string, string> names = FoldedWeights.Names(graph);
        Assert.That(generated, Is.Not.Empty);
        Assert.That(names.Keys, Is.EquivalentTo(generated));
        Assert.That(names.Values, Has.All.EndsWith(".weight"));
    }

    private static ModelFile Linear(string node, string bias)
    {
        ModelFile model = new ModelFile().Input("x", 2).Output("y").Array("onnx::MatMul_9", new float[6], 2, 3).Array(bias, new float[3], 3)
            .Node("MatMul", "x onnx::MatMul_9", "p").Node("Add", $"{bias} p", "y");
        model.Graph.Node[0].Name = node;
        return model;
    }
}
