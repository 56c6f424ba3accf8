using TrakFast.Onnx;


namespace TrakFast.Testing;

/// <summary>Nodes that would let examples meet are refused by name.</summary>
public abstract class MixedExamplesContract : GraphContract
{
    private static readonly Dictionary<string, Func<TestGraph, string>> Cases = new()
    {
        ["Reshape merges"] = static g => g.Node("Reshape", [g.Input("x", null, 3, 4), g.Integers("s", -1, 4)]),
        ["Reshape drops"] = static g => g.Node("Reshape", [g.Input("x", null, 3, 4), g.Integers("s", 12, -1)]),
        ["Flatten all"] = static g => g.Node("Flatten", [g.Input("x", null, 3)], ("axis", 0)),
        ["Flatten merges"] = static g => g.Node("Flatten", [g.Input("x", null, 3, 4)], ("axis", 2)),
        ["Softmax"] = static g => g.Node("Softmax", [g.Input("x", null, 3)], ("axis", 0)),
        ["LogSoftmax"] = static g => g.Node("LogSoftmax", [g.Input("x", null, 3)], ("axis", -2)),
        ["Transpose"] = static g => g.Node("Transpose", [g.Input("x", null, 3)]),
        ["Transpose moves"] = static g => g.Node("Transpose", [g.Input("x", null, 3, 4)], ("perm", new long[] { 1, 0, 2 })),
        ["Constant by example"] = static g => g.Node("Add", [g.Input("x", null, 3), g.Parameter("w", 5, 3)]),
        ["Constant above"] = static g => g.Node("Mul", [g.Input("x", null, 3), g.Parameter("w", 2, 5, 3)]),
        ["Examples meet"] = static g => g.Node("Sub", [g.Input("x", null, 5), g.Input("y", [null])]),
        ["MatMul of examples"] = static g => g.Node("MatMul", [g.Parameter("w", 2, 5), g.Input("x", null, 3)]),
        ["MatMul moves"] = static g => g.Node("MatMul", [g.Input("x", null, 3), g.Parameter("w", 2, 3, 4)]),
        ["MatMul of two"] = static g => g.Node("MatMul", [g.Input("x", null, 5), g.Input("y", null, 4)]),
        ["Gemm turned"] = static g => g.Node("Gemm", [g.Input("x", null, 3), g.Parameter("w", 5, 3)], ("transA", 1)),
        ["Gemm of examples"] = static g => g.Node("Gemm", [g.Parameter("w", 3, 5), g.Input("x", null, 4)]),
        ["Gemm bias"] = static g => g.Node("Gemm", [g.Input("x", null, 3), g.Parameter("w", 3, 4), g.Parameter("b", 5, 4)]),
        ["Mean"] = static g => g.Node("ReduceMean", [g.Input("x", null, 3)]),
        ["Sum"] = static g => g.Node("ReduceSum", [g.Input("x", null, 3), g.Integers("axes", 0)]),
        ["Max"] = static g => g.Node("ReduceMax", [g.Input("x", null, 3)]),
        ["Slice of examples"] = static g => g.Node("Slice", [g.Input("x", null, 3), g.Integers("from", 0), g.Integers("to", 2)]),
        ["Gather of examples"] = static g => g.Node("Gather", [g.Input("x", null, 3), g.Integers("i", 0)]),
        ["Split of examples"] = static g => g.Split([g.Input("x", null, 3)], 5)[0],
        ["Pad of examples"] = static g => g.Node("Pad", [g.Input("x", null, 3), g.Integers("pads", 1, 0, 0, 0)]),
        ["Concat of examples"] = static g => g.Node("Concat", [g.Input("x", null, 3), g.Input("y", null, 3)], ("axis", 0)),
        ["Concat of constants"] = static g => g.Node("Concat", [g.Input("x", null, 3), g.Parameter("w", 5, 3)], ("axis", 1)),
        ["Expand above"] = static g => g.Node("Expand", [g.Input("x", null, 3), g.Integers("s", 2, 5, 3)]),
        ["Unsqueeze above"] = static g => g.Node("Unsqueeze", [g.Input("x", null, 3), g.Integers("a", 0)]),
        ["LayerNormalization"] = static g => g.Node("LayerNormalization", [g.Input("x", null, 3), g.Parameter("w", 5, 3)], ("axis", 0)),
        ["Gemm adds examples"] = static g => g.Node("Gemm", [g.Parameter("v", 2, 3), g.Parameter("w", 3, 4), g.Input("x", null, 4)]),
        ["Slice of a table by their number"] = static g =>
            g.Node("Slice", [g.Parameter("table", 7, 3), g.Integers("from", 0), Count(g, g.Input("x", null, 3))]),
        ["Previous example"] = static g => g.Node("Gather", [g.Input("x", null, 3), g.Node("Sub", [Own(g, "x"), g.Integers("one", 1)])]),
        ["Previous example by tuple"] = static g => g.Node(
            "GatherND",
            [g.Input("x", null, 3), g.Node("Unsqueeze", [g.Node("Sub", [Own(g, "x"), g.Integers("one", 1)]), g.Integers("last", 1)])]),
        ["Fewer indices than merged rows"] = static g =>
            g.Node("GatherElements", [Rows(g, g.Input("x", null, 3, 4)), g.Node("Cast", [Rows(g, g.Input("y", null, 2, 4))], ("to", 7))]),
        ["Tuples of examples"] = static g =>
            g.Node("GatherND", [g.Parameter("w", 5), g.Node("Cast", [g.Node("Transpose", [g.Input("x", null, 2)])], ("to", 7))]),
        ["Scatter into one array"] = static g =>
            g.Node("ScatterND", [g.Parameter("w", 5, 3), g.Node("Cast", [g.Input("x", null, 1)], ("to", 7)), g.Parameter("u", 1, 3)]),
        ["Seventh example"] = static g =>
            g.Node("Cast", [g.Node("Equal", [Own(g, g.Input("x", null, 3)), g.Integers("seventh", 6)])], ("to", 1)),
        ["Own index as a result"] = static g =>
            g.Node("Add", [g.Node("ArgMax", [g.Input("x", null, 3)], ("axis", 1), ("keepdims", 0)), Own(g, "x")]),
        ["Sum of what was looked up for each"] = static g => g.Node(
            "ReduceSum",
            [g.Node("Gather", [g.Parameter("table", 4, 3), Zeros(g, Count(g, g.Input("x", null, 3)))]), g.Integers("first", 0)]),
        ["Looked up in examples for each"] = static g => g.Node("Gather", [g.Input("x", null, 3), Zeros(g, Count(g, "x"))], ("axis", 1)),
        ["Number of examples squared"] = static g => Zeros(g, g.Node("Mul", [Count(g, g.Input("x", null, 3)), Count(g, "x")])),
        ["Shape by each example's index"] = static g => g.Node("Reshape", [g.Input("x", [null]), Own(g, "x")]),
        ["An axis sliced twice"] = static g =>
            g.Node("Slice", [g.Input("x", null, 9), g.Integers("from", 1, 2), g.Integers("to", 5, 6), g.Integers("axes", 1, -1)]),
        ["An axis padded twice"] = static g =>
            g.Node("Pad", [g.Input("x", null, 9), g.Integers("pads", 1, 2, 5, 6), "", g.Integers("axes", 1, -1)]),
        ["Conv weight"] = static g => g.Node("Conv", [g.Input("x", null, 2, 5), g.Input("w", null, 2, 3)]),
    };

    protected static IEnumerable<string> Names => Cases.Keys;

    private static string Count(TestGraph graph, string value) => graph.Node("Shape", [value], ("start", 0), ("end", 1));

    private static string Zeros(TestGraph graph, string sizes) =>
        graph.Node("ConstantOfShape", [sizes], ("value", DataArray.From([0L], 1)));

    private static string Own(TestGraph graph, string value) =>
        graph.Node("Range", [graph.Scalar("start", 0), graph.Node("Squeeze", [Count(graph, value)]), graph.Scalar("step", 1)]);

    private static string Rows(TestGraph graph, string value) => graph.Node("Reshape", [value, graph.Integers($"{value}-rows", -1, 4)]);

    [TestCaseSource(nameof(Names))]
    public void IsRefusedByName(string name)
    {
        TestGraph graph = new();
        string output = Cases[name](graph);
        using IModel model = Open(graph.Build(output));
        Assert.That(() => Read(model, graph.Batch(5)), Throws.InstanceOf<TrakException>().With.Message.Contains($"'{output}'"));
    }

    // A node may move the examples to another axis or merge them with it; a task wants them back on axis 0.
    private static float[] Read(IModel model, Batch batch)
    {
        using ModelResult result = model.Forward(batch);
        return result.First.ToArray();
    }

    [Test]
    public void AGradientThroughAnOutputWithoutExamplesIsRefused()
    {
        TestGraph graph = new();
        string scale = graph.Node("Exp", [graph.Parameter("s", 1)]);
        string y = graph.Node("Mul", [graph.Input("x", null, 1), scale]);
        using IModel model = Open(graph.Build(y, scale));
        using ModelResult result = model.Forward(graph.Batch(4));
        Variable f = (result[y] * result[scale]).Reshape(-1);
        ParameterSelection all = ParameterSelection.All(model.Parameters);
        Assert.That(
            () => model.Backward(f, all, new DenseSink(4, 1)), Throws.InstanceOf<TrakException>().With.Message.Contains($"'{scale}'"));
        DenseSink sink = new(4, 1);
        model.Backward((result[y] * result[scale].Detach()).Reshape(-1), all, sink);
        Assert.That(sink.Gradients, Has.All.Not.Zero);
    }

    [Test]
    public void APassDiesWithItsWeights()
    {
        TestGraph graph = new();
        string y = graph.Node("Mul", [graph.Input("x", null, 1), graph.Parameter("w", 1)]);
        OnnxGraph built = graph.Build(y);
        using IModel model = Open(built);
        ParameterSelection all = ParameterSelection.All(model.Parameters);
        ModelResult result = model.Forward(graph.Batch(4));
        Variable f = result.First.Reshape(-1);
        model.Load(Stored(built));
        Assert.That(() => model.Backward(f, all, new DenseSink(4, 1)), Throws.InvalidOperationException);
        result.Dispose();
        Assert.That(() => model.Backward(f, all, new DenseSink(4, 1)), Throws.TypeOf<ObjectDisposedException>());
    }
}
