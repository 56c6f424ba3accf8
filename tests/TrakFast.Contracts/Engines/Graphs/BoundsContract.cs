using System.Diagnostics;
using TrakFast.Onnx;

namespace TrakFast.Testing;

/// <summary>Sizes and settings that no network has: refused with the node's name, at once and without much memory.</summary>
public abstract class BoundsContract : GraphContract
{
    private const long Many = 1L << 33;
    private const long MostBytes = 400L << 20;

    private static readonly Dictionary<string, Func<TestGraph, string>> Cases = new()
    {
        ["Whole numbers without end"] = static g =>
            g.Node("Cast", [g.Node("Expand", [g.Integers("one", 1), g.Integers("s", Many)])], ("to", 1)),
        ["A mask of all pairs"] = static g =>
            g.Node("Equal", [g.Node("Unsqueeze", [Long(g, "a", 1 << 20), g.Integers("last", 1)]), Long(g, "b", 1 << 20)]),
        ["Whole numbers in every place"] = static g =>
            g.Node("ConstantOfShape", [g.Integers("s", 1 << 16, 1 << 15)], ("value", DataArray.From([1L], 1))),
        ["Repeated without end"] = static g => g.Node("Tile", [g.Parameter("w", 3), g.Integers("r", 1 << 30)]),
        ["Padded without end"] = static g => g.Node("Pad", [g.Parameter("w", 3), g.Integers("p", long.MinValue, 0)]),
        ["Every other of very many"] = static g => g.Node(
            "Slice",
            [
                g.Node("Expand", [g.Parameter("w", 1), g.Integers("s", Many)]),
                g.Integers("from", 0),
                g.Integers("to", Many),
                g.Integers("axis", 0),
                g.Integers("step", 2)
            ]),
        ["The best of very many"] = static g =>
            g.Node("TopK", [g.Node("Expand", [g.Parameter("w", 1), g.Integers("s", Many)]), g.Integers("k", 1)]),
        ["Very many products"] = static g =>
            g.Node("MatMul", [g.Node("Expand", [g.Parameter("a", 1, 1, 1), g.Integers("s", Many, 1, 1)]), g.Parameter("b", 1, 1, 1)]),
        ["A triangle of very many"] = static g =>
            g.Node("Trilu", [g.Node("Expand", [g.Parameter("w", 1, 1), g.Integers("s", 1 << 17, 1 << 17)])]),
        ["The largest of very many, each"] = static g =>
            g.Node("ReduceMax", [g.Node("Expand", [g.Parameter("w", 1, 1), g.Integers("s", Many, 1)])], ("axes", new long[] { 1 })),
        ["Elements of very many"] = static g => g.Node(
            "GatherElements",
            [
                g.Node("Expand", [g.Parameter("w", 1), g.Integers("s", Many)]),
                g.Node("Cast", [g.Node("Expand", [g.Parameter("v", 1), "s"])], ("to", 7))
            ]),
        ["Pools of very many"] = static g => g.Node(
            "MaxPool", [g.Node("Expand", [g.Parameter("w", 1, 1, 1, 1), g.Integers("s", 1, 1, 1 << 12, 1 << 12)])],
            ("kernel_shape", new long[] { 64, 64 })),
        ["Resized without end"] = static g =>
            g.Node("Resize", [g.Parameter("w", 1, 1, 4, 4), "", "", g.Integers("s", 1, 1, 1 << 20, 1 << 20)]),
        ["Nothing times too much"] = static g => g.Node("Flatten", [g.Node("ConstantOfShape", [g.Integers("s", 1L << 40, 1L << 40, 0)])]),
        ["Parts that overflow"] = static g => g.Split([g.Parameter("w", 4), g.Integers("sizes", long.MaxValue, long.MaxValue, 6)], 3)[0],
        ["Batch axes that overflow"] = static g => g.Node("GatherND", [g.Parameter("w", 4), g.Integers("i", 1)], ("batch_dims", 1 << 30)),
        ["The type of nothing"] = static g => g.Node("CastLike", [g.Parameter("w", 4)]),
        ["A power of nothing"] = static g => g.Node("Pow", ["", g.Number("e", 2)]),
        ["A list of very many"] = static g =>
            g.Node("SequenceAt", [g.Node("SplitToSequence", [g.Parameter("w", 100_000)]), g.Scalar("i", 0)]),
        ["A list cut too far"] = static g =>
            g.Node("SequenceAt", [g.Node("SplitToSequence", [g.Parameter("w", 4), g.Scalar("n", 0)]), g.Scalar("i", 0)]),
    };

    protected static IEnumerable<string> Names => Cases.Keys;

    [TestCaseSource(nameof(Names))]
    public void IsRefused(string name)
    {
        TestGraph graph = new();
        string output = graph.Node("Identity", [Cases[name](graph)]);
        graph.Input("x", null, 3);
        using IModel model = Open(graph.Build(output));
        long before = Process.GetCurrentProcess().PrivateMemorySize64;
        TrakException? refused = Assert.Catch<TrakException>(() => model.Forward(graph.Batch(2)));
        TestContext.Out.WriteLine(refused!.Message);
        Assert.That(refused.Message, Does.Contain("node '"));
        Assert.That(Process.GetCurrentProcess().PrivateMemorySize64 - before, Is.LessThan(MostBytes));
    }

    [Test]
    public void WholeNumbersWrapAround()
    {
        TestGraph graph = new();
        string power = graph.Node("Pow", [graph.Integers("three", 3), graph.Number("e", 50)]);
        string remainder = graph.Node("Mod", [power, graph.Integers("m", 1000)]);
        string kept = graph.Node("Clip", [graph.Integers("five", 5, -5, 9), graph.Scalar("low", 7), graph.Scalar("high", 6)]);
        string y = graph.Node("Cast", [graph.Node("Concat", [remainder, kept], ("axis", 0))], ("to", 1));
        graph.Input("x", null, 3);
        using IModel model = Open(graph.Build(y));
        using ModelResult result = model.Forward(graph.Batch(2));
        Assert.That(result.First.ToArray(), Is.EqualTo(new float[] { Wrapped(), 6, 6, 6 }));
    }

    [Test]
    public void AStatedNumberOfExamplesBeyondAnySizeIsNone()
    {
        OnnxGraph graph = new(
            "stated.onnx", 17, [new GraphValue("x", TrakFast.Kernels.ElementType.Float32, [long.MaxValue, 3, 2])],
            [new GraphValue("y", TrakFast.Kernels.ElementType.Float32, null)], [new GraphNode("Flatten", "f", ["x"], ["y"])], []);
        using IModel model = Open(graph);
        using ModelResult result = model.Forward(new Batch(("x", DataArray.From(new float[12], 2, 3, 2))));
        Assert.That(result.First.Shape, Is.EqualTo(new long[] { 2, 6 }));
    }

    private static float Wrapped()
    {
        long power = 1;
        for (int i = 0; i < 50; i++) power = unchecked(power * 3);
        return ((power % 1000) + 1000) % 1000;
    }

    private static string Long(TestGraph graph, string name, long count) =>
        graph.Node("Range", [graph.Scalar($"{name}-start", 0), graph.Scalar($"{name}-limit", count), graph.Scalar($"{name}-step", 1)]);
}
