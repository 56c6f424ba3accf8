namespace TrakFast.Testing;

/// <summary>Slices, transposes and other views of parameters, and views of these, against directional differences.</summary>
public abstract class ParameterViewContract : GraphContract
{
    private static readonly Dictionary<string, Func<TestGraph, string>> Views = new()
    {
        ["Rows"] = static g => Slice(g, g.Parameter("w", 9, 5), 0, 2, 6, 1),
        ["Columns"] = static g => Slice(g, g.Parameter("w", 4, 11), 1, 3, 8, 1),
        ["Every other row"] = static g => Slice(g, g.Parameter("w", 9, 5), 0, 1, 9, 2),
        ["Every other column"] = static g => Slice(g, g.Parameter("w", 4, 11), 1, 0, 10, 2),
        ["Reversed rows"] = static g => Slice(g, g.Parameter("w", 4, 5), 0, -1, -100, -1),
        ["Reversed columns of a transpose"] = static g => Slice(g, g.Node("Transpose", [g.Parameter("w", 5, 4)]), 1, -1, -100, -1),
        ["A slice of a slice"] = static g => Slice(g, Slice(g, g.Parameter("w", 9, 12), 1, 2, 12, 2), 0, 3, 7, 1),
        ["A transpose of a slice"] = static g => g.Node("Transpose", [Slice(g, g.Parameter("w", 9, 4), 0, 1, 6, 1)]),
        ["A slice of a transpose"] = static g => Slice(g, g.Node("Transpose", [g.Parameter("w", 5, 9)]), 0, 2, 6, 1),
        ["A transpose twice"] = static g => g.Node("Transpose", [g.Node("Transpose", [g.Parameter("w", 4, 5)])]),
        ["One of a stack"] = static g => g.Node("Gather", [g.Parameter("w", 3, 4, 5), g.Scalar("i", 1)]),
        ["One of an inner stack"] = static g => g.Node("Gather", [g.Parameter("w", 4, 3, 5), g.Scalar("i", 2)], ("axis", 1)),
        ["Rows out of order"] = static g => g.Node("Gather", [g.Parameter("w", 9, 5), g.Integers("i", 7, 0, 0, 3)]),
        ["Rows in step"] = static g => g.Node("Gather", [g.Parameter("w", 9, 5), g.Integers("i", 1, 3, 5, 7)]),
        ["A dense reshape of a slice"] = static g =>
            g.Node("Reshape", [Slice(g, g.Parameter("w", 9, 10), 0, 3, 5, 1), g.Integers("s", 4, 5)]),
        ["A reshape of columns"] = static g => g.Node("Reshape", [Slice(g, g.Parameter("w", 2, 13), 1, 1, 11, 1), g.Integers("s", 4, 5)]),
        ["A reshape that adds axes"] = static g => g.Node(
            "Reshape",
            [g.Node("Reshape", [Slice(g, g.Parameter("w", 4, 7), 1, 1, 6, 1), g.Integers("s", 1, 4, 1, 5)]), g.Integers("t", 4, 5)]),
        ["A repeated row"] = static g => g.Node("Expand", [g.Parameter("w", 1, 5), g.Integers("s", 4, 5)]),
        ["A repeated column of a slice"] = static g =>
            g.Node("Expand", [Slice(g, g.Parameter("w", 4, 7), 1, 2, 3, 1), g.Integers("s", 4, 5)]),
        ["A part of a split"] = static g => g.Split([g.Parameter("w", 4, 10)], 2, ("axis", 1))[1],
        ["Padded"] = static g => g.Node("Pad", [g.Parameter("w", 3, 4), g.Integers("pads", 1, 0, 0, 1)]),
        ["Scaled"] = static g => g.Node("Mul", [Slice(g, g.Parameter("w", 4, 7), 1, 1, 6, 1), g.Number("two", 2)]),
        ["One row"] = static g => g.Node("Concat", [Slice(g, g.Parameter("w", 9, 5), 0, 8, 9, 1), Slice(g, "w", 0, 0, 3, 1)], ("axis", 0)),
    };

    // What reads the view, of shape [4, 5].
    private static readonly Dictionary<string, Func<TestGraph, string, string>> Readers = new()
    {
        ["MatMul behind"] = static (g, w) => g.Node("MatMul", [g.Input("x", null, 3, 4), w]),
        ["MatMul in front"] = static (g, w) => g.Node("MatMul", [w, g.Input("x", null, 5, 3)]),
        ["Gemm"] = static (g, w) => g.Node("Gemm", [g.Input("x", null, 4), w]),
        ["Gemm turned"] = static (g, w) => g.Node("Gemm", [g.Input("x", null, 5), w, g.Parameter("b", 4)], ("transB", 1), ("alpha", 0.5f)),
        ["Mul"] = static (g, w) => g.Node("Mul", [g.Input("x", null, 4, 5), w]),
        ["Add and MatMul"] = static (g, w) =>
            g.Node("MatMul", [g.Node("Tanh", [g.Node("Add", [g.Input("x", null, 4, 5), w])]), g.Node("Transpose", [w])]),
        ["Embedding"] = static (g, w) => g.Node(
            "Mul",
            [g.Node("Gather", [w, g.Node("ArgMax", [g.Input("x", null, 4, 3)], ("axis", 1), ("keepdims", 0))]), g.Number("half", 0.5f)]),
        ["One row"] = static (g, w) =>
            g.Node("MatMul", [g.Input("x", null, 3, 1), g.Node("Slice", [w, g.Integers("r0", 2), g.Integers("r1", 3)])]),
        ["One column"] = static (g, w) => g.Node(
            "MatMul", [g.Input("x", null, 3, 4), g.Node("Slice", [w, g.Integers("r0", 2), g.Integers("r1", 3), g.Integers("r2", 1)])]),
        ["A vector"] = static (g, w) => g.Node(
            "MatMul",
            [
                g.Input("x", null, 3, 5),
                g.Node("Squeeze", [g.Node("Slice", [w, g.Integers("r0", 1), g.Integers("r1", 2)]), g.Integers("r3", 0)])
            ]),
    };

    protected static IEnumerable<TestCaseData> Cases() =>
        Views.Keys.SelectMany(static v => Readers.Keys.Select(r => new TestCaseData(v, r)));

    [TestCaseSource(nameof(Cases))]
    public void GradientsAreThoseOfTheParameter(string view, string reader)
    {
        TestGraph graph = new();
        string y = Readers[reader](graph, Views[view](graph));
        CheckGradients(graph.Build(y), graph.DistinctBatch(3));
    }

    private static string Slice(TestGraph graph, string value, long axis, long from, long to, long step) => graph.Node(
        "Slice",
        [
            value,
            graph.Integers($"{value}-from{axis}{from}", from),
            graph.Integers($"{value}-to{axis}{from}", to),
            graph.Integers($"{value}-axis{axis}{from}", axis),
            graph.Integers($"{value}-step{axis}{from}", step)
        ]);
}
