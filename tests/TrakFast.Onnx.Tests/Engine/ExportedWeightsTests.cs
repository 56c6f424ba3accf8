using TrakFast.Kernels;
namespace TrakFast.Onnx.Tests;

/// <summary>Checkpoints and batches as they meet files that an exporter changed.</summary>
internal sealed class ExportedWeightsTests
{
    [Test]
    public void AStateDictMayListASharedWeightTwice()
    {
        using OnnxModel model = new(TwoLayers("a.weight"));
        Checkpoint own = model.ToCheckpoint("state");
        Dictionary<string, DataArray> tensors = new(own.Tensors) { ["b.weight"] = own.Tensors["a.weight"] };
        Assert.That(() => model.Load(new Checkpoint("state", tensors)), Throws.Nothing);
        float[] other = own.Tensors["a.weight"].ToFloats();
        other[3] += 1;
        tensors["b.weight"] = DataArray.From(other, 4, 4);
        Assert.That(
            () => model.Load(new Checkpoint("state", tensors)), Throws.InstanceOf<TrakException>().With.Message.Contains("b.weight"));
    }

    [Test]
    public void ArraysOfOneNumberAreNotTakenForShared()
    {
        using OnnxModel model = new(TwoLayers("a.weight"));
        DataArray ones = DataArray.From([.. Enumerable.Repeat(1f, 16)], 4, 4);
        Dictionary<string, DataArray> tensors = new() { ["a.weight"] = ones, ["b.weight"] = ones };
        Assert.That(
            () => model.Load(new Checkpoint("state", tensors)), Throws.InstanceOf<TrakException>().With.Message.Contains("b.weight"));
    }

    [Test]
    public void EqualArraysOfAnUntrainedNetworkAreWeightsOfTheirOwn()
    {
        TestGraph graph = new();
        string hidden = graph.Node("Mul", [graph.Input("x", null, 4), graph.Parameter("a.weight", 4)]);
        string copy = graph.Node("Identity", ["a.weight"]);
        OnnxGraph built = graph.Build(graph.Node("Mul", [graph.Node("Tanh", [hidden]), copy]));
        Assert.That(built.Parameters.Select(static p => p.Name), Is.EqualTo(new[] { "a.weight", copy }));
        GradientCheck.Run(built, graph.Batch(3));
        using OnnxModel model = new(built);
        Dictionary<string, DataArray> tensors = new()
        {
            ["a.weight"] = DataArray.From(new float[4], 4),
            [copy] = DataArray.From([1f, 2, 3, 4], 4)
        };
        Assert.That(() => model.Load(new Checkpoint("trained", tensors)), Throws.Nothing);
    }

    [Test]
    public void FoldedWeightsAreExplained()
    {
        using OnnxModel model = new(TwoLayers("onnx::MatMul_12"));
        Dictionary<string, DataArray> tensors = new() { ["a.weight"] = DataArray.From(new float[16], 4, 4) };
        Assert.That(
            () => model.Load(new Checkpoint("state", tensors)),
            Throws.InstanceOf<TrakException>().With.Message.Contains("onnx::MatMul_12").And.Message.Contains("without constant folding"));
    }

    [Test]
    public void AWeightThatLayersShareIsLoadedForAllOfThem()
    {
        // The file holds it twice, under the names of both layers; a checkpoint keeps one.
        float[] shared = [1, 2, 3, 4];
        OnnxGraph graph = new(
            "tied.onnx", 17, [new GraphValue("x", ElementType.Float32, [null, 2])], [new GraphValue("y", ElementType.Float32, null)],
            [new GraphNode("MatMul", "a", ["x", "wte.weight"], ["h"]), new GraphNode("MatMul", "b", ["h", "lm_head.weight"], ["y"])],
            [new Initializer("wte.weight", DataArray.From(shared, 2, 2)), new Initializer("lm_head.weight", DataArray.From(shared, 2, 2))]);
        using OnnxModel model = new(graph);
        model.Load(
            new Checkpoint("one.safetensors", new Dictionary<string, DataArray> { ["wte.weight"] = DataArray.From([2f, 0, 0, 3], 2, 2) }));
        using ModelResult result = model.Forward(new Batch(("x", DataArray.From([1f, 1], 1, 2))));
        Assert.That(result.First.ToArray(), Is.EqualTo(new[] { 4f, 9f }));
    }

    [Test]
    public void ATiedWeightThatTheExporterTransposedIsLoadedFromTheOtherOne()
    {
        OnnxGraph graph = new(
            "tied.onnx", 17, [new GraphValue("x", ElementType.Float32, [null, 2])], [new GraphValue("y", ElementType.Float32, null)],
            [new GraphNode("MatMul", "a", ["x", "wte.weight"], ["h"]), new GraphNode("MatMul", "b", ["h", "onnx::MatMul_7"], ["y"])],
            [
                new Initializer("wte.weight", DataArray.From([1f, 2, 3, 4, 5, 6], 2, 3)),
                new Initializer("onnx::MatMul_7", DataArray.From([1f, 4, 2, 5, 3, 6], 3, 2))
            ]);
        using OnnxModel model = new(graph);
        model.Load(new Checkpoint(
            "one.safetensors", new Dictionary<string, DataArray> { ["wte.weight"] = DataArray.From([1f, 0, 2, 0, 3, 0], 2, 3) }));
        using ModelResult result = model.Forward(new Batch(("x", DataArray.From([1f, 1], 1, 2))));

        // x·W = [1, 3, 2]; times Wᵀ: [1 + 4, 9].
        Assert.That(result.First.ToArray(), Is.EqualTo(new[] { 5f, 9f }));
    }

    [Test]
    public void AStatedNumberOfExamplesBindsNobody([Values(1, 2, 5)] int examples)
    {
        TestGraph graph = new();
        string x = graph.Node("Mul", [graph.Input("x", 2, 3, 4), graph.Parameter("scale", 3, 4)]);
        string y = graph.Node("Reshape", [x, graph.Integers("rows", 2, -1)]);
        OnnxGraph built = graph.Build(y);
        GradientCheck.Run(built, graph.Batch(examples));
    }

    [Test]
    public void SizesThatHoldTheStatedNumberFollowTheBatch([Values(1, 2, 5)] int examples)
    {
        TestGraph graph = new();
        string rows = graph.Node("Reshape", [graph.Input("x", 2, 3, 4), graph.Integers("rows", 6, 4)]);
        string product = graph.Node("MatMul", [rows, graph.Parameter("w", 4, 5)]);
        GradientCheck.Run(graph.Build(graph.Node("Reshape", [product, graph.Integers("back", 2, 3, 5)])), graph.Batch(examples));
    }

    [Test]
    public void ANodeThatMixesTheStatedExamplesIsRefusedByName()
    {
        TestGraph graph = new();
        string y = graph.Node("Reshape", [graph.Input("x", 2, 3, 4), graph.Integers("rows", 3, 8)]);
        using OnnxModel model = new(graph.Build(y));
        Assert.That(() => model.Forward(graph.Batch(2)), Throws.InstanceOf<TrakException>().With.Message.Contains($"'{y}'"));
    }

    private static OnnxGraph TwoLayers(string weight)
    {
        TestGraph graph = new();
        string hidden = graph.Node("MatMul", [graph.Input("x", null, 4), graph.Parameter(weight, 4, 4)]);
        return graph.Build(graph.Node("MatMul", [graph.Node("Tanh", [hidden]), weight]));
    }
}
