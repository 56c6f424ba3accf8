using TrakFast.Kernels;
using TrakFast.Onnx;

namespace TrakFast.Testing;

/// <summary>Examples that move to other axes, merge with them and come back, as attention and recurrences have them.</summary>
public abstract class PlacementContract : GraphContract
{
    private static readonly Dictionary<string, Func<TestGraph, string>> Cases = new()
    {
        ["Second axis"] = static g => Turned(g, g.Node("Softmax", [g.Node("MatMul", [Turned(g, X(g)), g.Parameter("w", 4, 4)])])),
        ["Last axis"] = static g => g.Node(
            "Transpose", [g.Node("MatMul", [g.Parameter("w", 5, 4), g.Node("Transpose", [X(g)], ("perm", new long[] { 1, 2, 0 }))])],
            ("perm", new long[] { 2, 0, 1 })),
        ["Merged before"] = static g => g.Node(
            "Reshape",
            [
                g.Node("MatMul", [g.Node("Reshape", [X(g), g.Integers("rows", -1, 4)]), g.Parameter("w", 4, 5)]),
                g.Integers("back", -1, 3, 5)
            ]),
        ["Merged behind"] = static g => Turned(
            g,
            g.Node(
                "Reshape",
                [
                    g.Node(
                        "Gemm",
                        [g.Node("Reshape", [Turned(g, X(g)), g.Integers("rows", -1, 4)]), g.Parameter("w", 5, 4), g.Parameter("b", 5)],
                        ("transB", 1)),
                    g.Integers("back", 3, -1, 5)
                ])),
        ["Heads"] = static g => Attention(g, X(g)),
        ["Kept by sizes"] = static g => g.Node(
            "Reshape",
            [g.Node("Mul", [X(g), g.Parameter("w", 3, 4)]), g.Node("Concat", [Size(g, X(g)), g.Integers("rest", 12)], ("axis", 0))]),
        ["Class token"] = static g => g.Node(
            "Concat",
            [
                g.Node("Expand", [g.Parameter("token", 1, 1, 4), g.Node("Concat", [Size(g, X(g)), g.Integers("rest", 1, 1)], ("axis", 0))]),
                X(g)
            ],
            ("axis", 1)),
        ["Zeros for each"] = static g => g.Node(
            "Concat",
            [
                g.Node("Mul", [X(g), g.Parameter("w", 4)]),
                g.Node("ConstantOfShape", [g.Node("Concat", [Size(g, X(g)), g.Integers("rest", 2, 4)], ("axis", 0))])
            ],
            ("axis", 1)),
        ["Own position"] = static g => g.Node(
            "GatherND",
            [
                g.Node("Mul", [X(g), g.Parameter("w", 3, 4)]),
                g.Node(
                    "Concat",
                    [
                        Column(g, Own(g)),
                        Column(g, g.Node(
                            "ArgMax", [g.Node("ReduceSum", [X(g), g.Integers("a", 2)], ("keepdims", 0))], ("axis", 1), ("keepdims", 0)))
                    ],
                    ("axis", 1))
            ]),
        ["Own position, flat"] = static g => g.Node(
            "Gather",
            [
                g.Node("Reshape", [g.Node("Mul", [X(g), g.Parameter("w", 3, 4)]), g.Integers("rows", -1, 4)]),
                g.Node(
                    "Add",
                    [
                        g.Node("ArgMax", [g.Node("ReduceSum", [X(g), g.Integers("a", 2)], ("keepdims", 0))], ("axis", 1), ("keepdims", 0)),
                        g.Node("Mul", [Own(g), g.Integers("length", 3)])
                    ])
            ],
            ("axis", 0)),
        ["Slice of a weight"] = static g => g.Node(
            "MatMul", [X(g), g.Node("Transpose", [g.Node("Slice", [g.Parameter("w", 6, 4), g.Integers("from", 2), g.Integers("to", 5)])])]),
        ["Columns of a weight"] = static g => g.Node(
            "MatMul", [X(g), g.Node("Slice", [g.Parameter("w", 4, 6), g.Integers("from", 1), g.Integers("to", 4), g.Integers("axis", 1)])]),
        ["A weight used twice"] = static g =>
            g.Node("MatMul", [g.Node("MatMul", [X(g), g.Parameter("w", 4, 4)]), g.Node("Transpose", ["w"])]),
        ["Several images an example"] = static g => g.Node(
            "Reshape",
            [
                g.Node(
                    "Conv",
                    [
                        g.Node("Reshape", [X(g, "y", 3, 2, 5), g.Integers("images", -1, 2, 5)]),
                        g.Parameter("w", 4, 2, 3),
                        g.Parameter("b", 4)
                    ]),
                g.Integers("back", -1, 3, 4, 3)
            ]),
    };

    protected static IEnumerable<string> Names => Cases.Keys;

    [TestCaseSource(nameof(Names))]
    public void GradientsStayApart(string name)
    {
        TestGraph graph = new();
        string output = Cases[name](graph);
        CheckGradients(graph.Build(output), graph.DistinctBatch(5));
    }

    [Test]
    public void SlicedAndTransposedWeightsLeaveAsFactors()
    {
        TestGraph graph = new();
        string output = Cases["Slice of a weight"](graph);
        using IModel model = Open(graph.Build(output));
        Batch batch = graph.Batch(2);
        using ModelResult result = model.Forward(batch);
        ParameterSelection all = ParameterSelection.All(model.Parameters);
        DenseSink sink = new(2, all.Length);
        model.Backward(result.First.Reshape(2, -1).Sum(1), all, sink);
        Assert.That(sink.Blocks, Has.Count.EqualTo(1));
        Assert.That(sink.Blocks[0], Is.TypeOf<OuterProductBlock>().With.Property("Offset").EqualTo(8));
    }

    [Test]
    public void ExamplesOnAnInputsSecondAxisAreFoundByItsName()
    {
        // A model that reads [T, B, D] gets its examples first, as every batch has them.
        OnnxGraph graph = new(
            "sequence.onnx",
            17,
            [new GraphValue("x", ElementType.Float32, [3, null, 4], [null, "batch_size", null])],
            [new GraphValue("y", ElementType.Float32, null)],
            [
                new GraphNode("MatMul", "m", ["x", "w"], ["h"]),
                new GraphNode(
                    "ReduceSum", "r", ["h", "axes"], ["s"],
                    [KeyValuePair.Create<string, AttributeValue>("keepdims", new IntegerAttribute(0))]),
                new GraphNode("Identity", "i", ["s"], ["y"])
            ],
            [new Initializer("w", DataArray.From([1f, 2, 3, 4], 4, 1)), new Initializer("axes", DataArray.From([0L], 1))]);
        using IModel model = Open(graph);
        using ModelResult result = model.Forward(
            new Batch(("x", DataArray.From([.. Enumerable.Range(0, 24).Select(static i => (float)i)], 2, 3, 4))));
        Assert.That(result.First.Shape, Is.EqualTo(new long[] { 2, 1 }));
        Assert.That(result.First.ToArray(), Is.EqualTo(new[] { 180f, 540f }));
    }

    private static string X(TestGraph graph, string name = "x", params long[] sizes)
    {
        if (!graph.Has(name)) graph.Input(name, [null, .. sizes.Length == 0 ? new long?[] { 3, 4 } : sizes.Select(static s => (long?)s)]);
        return name;
    }

    private static string Turned(TestGraph graph, string value) => graph.Node("Transpose", [value], ("perm", new long[] { 1, 0, 2 }));

    private static string Size(TestGraph graph, string value) => graph.Node("Shape", [value], ("start", 0), ("end", 1));

    private static string Own(TestGraph graph) =>
        graph.Node("Range", [graph.Scalar("start", 0), graph.Node("Squeeze", [Size(graph, X(graph))]), graph.Scalar("step", 1)]);

    private static string Column(TestGraph graph, string value) => graph.Node("Unsqueeze", [value, graph.Integers($"{value}-axis", 1)]);

    // As nn.MultiheadAttention writes it: [T, B, D], its rows and heads merged with the examples.
    private static string Attention(TestGraph graph, string x)
    {
        string turned = Turned(graph, x), query = Heads("q"), key = Heads("k"), value = Heads("v");
        string scores = graph.Node(
            "Softmax", [graph.Node("MatMul", [query, graph.Node("Transpose", [key], ("perm", new long[] { 0, 2, 1 }))])]);
        string mixed = Turned(graph, graph.Node("MatMul", [scores, value]));
        return Turned(graph, graph.Node("Reshape", [mixed, graph.Integers("joined", 3, -1, 4)]));

        string Heads(string name) => Turned(graph, graph.Node(
            "Reshape", [graph.Node("MatMul", [turned, graph.Parameter(name, 4, 4)]), graph.Integers($"{name}-heads", 3, -1, 2)]));
    }
}
