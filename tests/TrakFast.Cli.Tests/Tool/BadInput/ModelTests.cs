using TrakFast.Cli.Tests.Support;
using TrakFast.Onnx;

namespace TrakFast.Cli.Tests.Tool.BadInput;

/// <summary>Models that cannot be run and checkpoints that do not fit them.</summary>
public sealed class ModelTests
{
    [Test]
    public void OperatorsThatAreNotSupportedAreNamedAllAtOnce()
    {
        using Workspace work = new();
        ChangeModel(work, static graph => graph.Nodes.Select(static (node, i) => node.OpType switch
        {
            "Relu" => Renamed(node, "Invented"),
            _ when i == 0 => Renamed(node, "com.example::Fancy"),
            _ => node,
        }));
        OnnxGraph graph = OnnxFile.Read(work["model.onnx"]);
        GraphNode first = graph.Nodes[0], invented = graph.Nodes.First(static n => n.OpType == "Invented");
        work.AssertRefused("", "model.onnx", "not supported", $"com.example::Fancy ('{first.Name}')", $"Invented ('{invented.Name}'");
    }

    [Test]
    public void AModelWithoutParametersIsRefused()
    {
        using Workspace work = new();
        ChangeModel(work, static graph => graph.Nodes, static i => i with { Trained = false });
        work.Run(without: "--checkpoint").AssertFailed("no trainable parameters");
        Assert.That(Directory.Exists(work.Save), Is.False);
        ToolResult.Of(["doctor", "--model", work["model.onnx"]]).AssertFailed("no trainable parameters");
    }

    [Test]
    public void AnOutputThatIsNoLogitsIsShown()
    {
        using Workspace work = new();
        OnnxGraph graph = OnnxFile.Read(work["model.onnx"]);
        GraphNode sum = new(
            "ReduceSum", "total", [graph.Outputs[0].Name], ["sum"],
            [KeyValuePair.Create<string, AttributeValue>("keepdims", new IntegerAttribute(1))]);
        OnnxFile.Write(
            new OnnxGraph(
                "model.onnx", graph.Opset, graph.Inputs, [graph.Outputs[0] with { Name = "sum", Shape = null }],
                [.. graph.Nodes, sum], graph.Initializers),
            work["model.onnx"]);
        work.AssertRefused("", "ReduceSum node 'total'");
    }

    [Test]
    public void ACheckpointsDifferencesAreShownAllAtOnce()
    {
        using Workspace work = new();
        work.ChangeCheckpoint("checkpoint_1.safetensors", static tensors =>
        {
            tensors["fc1.weight"] = DataArray.From(new float[32 * 128], 32, 128);
            tensors["head.bias"] = DataArray.From(new float[3], 3);
            tensors.Remove("fc2.bias");
        });
        work.AssertRefused(
            "", work["checkpoint_1.safetensors"], "fc1.weight [32, 128], the model wants [32, 64]",
            "lacks fc2.bias [10]", "holds head.bias [3]");
    }

    [Test]
    public void ACheckpointOfWholeNumbersIsRefused()
    {
        using Workspace work = new();
        work.ChangeCheckpoint("checkpoint_0.safetensors", static tensors => tensors["fc2.bias"] = DataArray.From(new long[10], 10));
        work.AssertRefused("", work["checkpoint_0.safetensors"], "fc2.bias", "Int64", "floating-point");
    }

    [TestCase("checkpoint_0.safetensors", float.NaN)]
    [TestCase("checkpoint_1.safetensors", float.PositiveInfinity)]
    public void AWeightThatIsNotFiniteIsShown(string file, float value)
    {
        using Workspace work = new();
        work.ChangeCheckpoint(file, tensors =>
        {
            float[] bias = tensors["fc2.bias"].ToFloats();
            bias[7] = value;
            tensors["fc2.bias"] = DataArray.From(bias, 10);
        });
        work.AssertRefused("", work[file], $"fc2.bias[7] = {value}");
    }

    [Test]
    public void AWeightInTheModelThatIsNotFiniteIsShown()
    {
        using Workspace work = new();
        ChangeModel(
            work, static graph => graph.Nodes,
            static i => i.Name == "fc2.bias" ? i with { Values = DataArray.From([float.NaN, .. new float[9]], 10) } : i);
        work.Run(without: "--checkpoint").AssertFailed("model.onnx", "fc2.bias[0] = NaN");
        Assert.That(Directory.Exists(work.Save), Is.False);
    }

    [Test]
    public void WeightsThatMakeTheGradientOverflowAreSaidWithTheExample()
    {
        using Workspace work = new();
        work.ChangeCheckpoint("checkpoint_0.safetensors", static tensors =>
        {
            foreach (string name in new[] { "fc1.weight", "fc2.weight" })
                tensors[name] = DataArray.From([.. tensors[name].ToFloats().Select(static w => w * 1e25f)], [.. tensors[name].Shape]);
        });
        work.AssertRefused("", "training example 0", "nothing of its batch was kept");
    }

    [Test]
    public void AFeatureThatOverflowsInTheSecondCheckpointLeavesTheFirst()
    {
        using Workspace work = new();
        work.ChangeCheckpoint("checkpoint_1.safetensors", static tensors =>
        {
            foreach (string name in new[] { "fc1.weight", "fc2.weight" })
                tensors[name] = DataArray.From([.. tensors[name].ToFloats().Select(static w => w * 1e25f)], [.. tensors[name].Shape]);
        });
        work.Run().AssertFailed("training example 0");
        Assert.That(NpyFile.Read(work["save", "0", "_is_featurized.mmap"]).ToLongs(), Is.All.EqualTo(1));
        Assert.That(work.Unfinished(), Is.Empty);
    }

    private static GraphNode Renamed(GraphNode node, string type) => new(type, node.Name, node.Inputs, node.Outputs, node.Attributes);

    private static void ChangeModel(
        Workspace work, Func<OnnxGraph, IEnumerable<GraphNode>> nodes, Func<Initializer, Initializer>? weights = null)
    {
        OnnxGraph graph = OnnxFile.Read(work["model.onnx"]);
        OnnxGraph changed = new(
            "model.onnx", graph.Opset, graph.Inputs, graph.Outputs, [.. nodes(graph)],
            [.. graph.Initializers.Select(i => weights?.Invoke(i) ?? i)]);
        OnnxFile.Write(changed, work["model.onnx"]);
    }
}
