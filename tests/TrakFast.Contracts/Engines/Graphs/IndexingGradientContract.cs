namespace TrakFast.Testing;

/// <summary>Operators that pick, scatter and sum elements by index, and Einstein sums, backward, against directional differences.</summary>
public abstract class IndexingGradientContract : GraphContract
{
    private const int Examples = 4;

    // x [B, 3, 7] times a parameter, so that gradients by inputs are tested too.
    private static readonly Dictionary<string, Func<TestGraph, string>> Cases = new()
    {
        ["Gather of a table by each example"] = static g => g.Node("Gather", [g.Parameter("table", 7, 5), Largest(g, 2)]),
        ["Gather of a table with rows of rows"] = static g => g.Node("Gather", [g.Parameter("table", 7, 2, 3), Largest(g, 2)]),
        ["Gather of a table's columns"] = static g => g.Node(
            "Transpose", [g.Node("Gather", [g.Parameter("table", 5, 7), Largest(g, 2)], ("axis", 1))], ("perm", new long[] { 1, 0, 2 })),
        ["Gather of a table that is computed"] = static g =>
            g.Node("Gather", [g.Node("Tanh", [g.Parameter("table", 7, 5)]), Largest(g, 2)]),
        ["Gather with negative indices"] = static g =>
            g.Node("Gather", [g.Parameter("table", 7, 5), g.Node("Sub", [Largest(g, 2), g.Integers("seven", 7)])]),
        ["Gather of known places"] = static g => g.Node("Gather", [X(g), g.Integers("places", 6, -1, 0, 3, 3)], ("axis", 2)),
        ["GatherElements"] = static g =>
            g.Node("GatherElements", [X(g), g.Node("Unsqueeze", [Largest(g, 2), g.Integers("last", 2)])], ("axis", 2)),
        ["GatherElements along the first"] = static g =>
            g.Node("GatherElements", [X(g), g.Node("Unsqueeze", [Largest(g, 1), g.Integers("first", 1)])], ("axis", 1)),
        ["GatherND behind the examples"] = static g => g.Node(
            "GatherND", [X(g), g.Node("Unsqueeze", [g.Node("Mod", [Largest(g, 2), g.Integers("three", 3)]), g.Integers("last", 2)])],
            ("batch_dims", 1)),
        ["GatherND of a table"] = static g =>
            g.Node("GatherND", [g.Parameter("table", 7, 2, 3), g.Node("Unsqueeze", [Largest(g, 2), g.Integers("last", 2)])]),
        ["ScatterElements"] = static g => g.Node(
            "ScatterElements",
            [X(g), g.Node("Unsqueeze", [Largest(g, 2), g.Integers("last", 2)]), g.Node("ReduceMean", [X(g)], ("axes", new long[] { 2 }))],
            ("axis", 2)),
        ["ScatterElements that adds"] = static g => g.Node(
            "ScatterElements",
            [X(g), g.Node("Unsqueeze", [Largest(g, 2), g.Integers("last", 2)]), g.Node("ReduceMean", [X(g)], ("axes", new long[] { 2 }))],
            ("axis", 2),
            ("reduction", "add")),
        ["ScatterND by own indices"] = static g =>
            g.Node("ScatterND", [X(g), Pairs(g), g.Node("ReduceMean", [X(g)], ("axes", new long[] { 1 }), ("keepdims", 0))]),
        ["ScatterND that adds"] = static g => g.Node(
            "ScatterND", [X(g), Pairs(g), g.Node("ReduceMean", [X(g)], ("axes", new long[] { 1 }), ("keepdims", 0))], ("reduction", "add")),
        ["CumSum"] = static g => g.Node("CumSum", [X(g), g.Scalar("axis", 1)]),
        ["CumSum from the back, without itself"] = static g =>
            g.Node("CumSum", [X(g), g.Scalar("axis", -1)], ("reverse", 1), ("exclusive", 1)),
        ["Trilu"] = static g => g.Node("Trilu", [X(g)]),
        ["Trilu below"] = static g => g.Node("Trilu", [X(g), g.Scalar("k", 2)], ("upper", 0)),
        ["Tile"] = static g => g.Node("Tile", [X(g), g.Integers("times", 1, 2, 3)]),
        ["Where"] = static g => g.Node("Where", [Condition(g, "Greater", 1, 7), X(g), g.Parameter("else", 3, 1)]),
        ["Where of one weight"] = static g => g.Node("Where", [Condition(g, "Less", 3, 1), g.Parameter("then", 7), X(g)]),
        ["ReduceProd"] = static g => g.Node("ReduceProd", [X(g)], ("axes", new long[] { 1 })),
        ["Pow of an exponent"] = static g => g.Node("Pow", [g.Node("Exp", [X(g)]), g.Parameter("e", 0.5f, 2, [3, 1])]),
        ["Max of three"] = static g => g.Node("Max", [X(g), g.Parameter("a", 7), g.Parameter("b", 3, 1)]),
        ["Min"] = static g => g.Node("Min", [g.Parameter("a", 0.01f, 0.02f, [3, 1]), X(g)]),
        ["Einsum as a layer"] = static g => g.Node("Einsum", [X(g), g.Parameter("w", 7, 5)], ("equation", "btd,dh->bth")),
        ["Einsum as heads"] = static g => g.Node("Einsum", [X(g), g.Parameter("w", 2, 7, 3)], ("equation", "btd,hdk->bhtk")),
        ["Einsum of two examples' parts"] = static g => g.Node("Einsum", [X(g), g.Input("y", null, 5, 7)], ("equation", "bqd,bkd->bqk")),
        ["Einsum without a sum"] = static g => g.Node("Einsum", [X(g), g.Parameter("w", 3)], ("equation", "btd,t->btd")),
        ["Einsum outer"] = static g => g.Node("Einsum", [X(g), g.Parameter("w", 2)], ("equation", "...d,k->...dk")),
        ["Einsum that sums one alone"] = static g => g.Node("Einsum", [X(g), g.Parameter("w", 7, 2)], ("equation", "btd,dk->bd")),
        ["Einsum of three"] = static g =>
            g.Node("Einsum", [X(g), g.Parameter("w", 7, 5), g.Parameter("v", 5, 2)], ("equation", "btd,dh,hk->btk")),
        ["Einsum of one"] = static g => g.Node("Einsum", [X(g)], ("equation", "btd->bdt")),
        ["OneHot times a table"] = static g => g.Node(
            "MatMul", [g.Node("OneHot", [Largest(g, 2), g.Scalar("depth", 7), g.Numbers("values", 0, 1)]), g.Parameter("table", 7, 4)]),
        ["A list of parts"] = static g => g.Node("Mul", [Part(g, 0), Part(g, -1)]),
        ["BatchNormalization of a weight"] = static g => g.Node(
            "MatMul",
            [
                X(g),
                g.Node(
                    "Reshape",
                    [
                        g.Node(
                            "BatchNormalization",
                            [
                                g.Parameter("w", 1, 7, 5),
                                g.Parameter("s", 7),
                                g.Parameter("b", 7),
                                g.Numbers("m", 0, 0, 0, 0, 0, 0, 0),
                                g.Numbers("v", 1, 1, 1, 1, 1, 1, 1)
                            ],
                            ("training_mode", 1)),
                        g.Integers("matrix", 7, 5)
                    ])
            ]),
    };

    protected static IEnumerable<string> Names => Cases.Keys;

    [TestCaseSource(nameof(Names))]
    public void GradientsAreTheDifferences(string name)
    {
        TestGraph graph = new();
        string output = Cases[name](graph);
        CheckGradients(graph.Build(output), graph.DistinctBatch(Examples));
    }

    private static string X(TestGraph graph)
    {
        if (!graph.Has("x")) graph.Node("Mul", [graph.Input("x", null, 3, 7), graph.Parameter("scale", 0.5f, 1, [3, 7])]);
        return "Mul0";
    }

    // Where the largest element lies, of the input itself: a small step of a parameter changes no choice.
    private static string Largest(TestGraph graph, int axis)
    {
        X(graph);
        return graph.Node("ArgMax", ["x"], ("axis", axis), ("keepdims", 0));
    }

    private static string Condition(TestGraph graph, string type, params long[] shape)
    {
        X(graph);
        return graph.Node(type, [graph.Input("c", [null, .. shape]), graph.Number("zero", 0)]);
    }

    // [B, 2]: each example's own index, and one of its rows.
    private static string Pairs(TestGraph graph)
    {
        X(graph);
        string own = graph.Node(
            "Range",
            [
                graph.Scalar("from", 0),
                graph.Node("Squeeze", [graph.Node("Shape", ["x"], ("start", 0), ("end", 1))]),
                graph.Scalar("by", 1)
            ]);
        string row = graph.Node(
            "ArgMax", [graph.Node("ReduceSum", ["x", graph.Integers("a", 2)], ("keepdims", 0))], ("axis", 1), ("keepdims", 0));
        string axis = graph.Integers("behind", 1);
        return graph.Node("Concat", [graph.Node("Unsqueeze", [own, axis]), graph.Node("Unsqueeze", [row, axis])], ("axis", 1));
    }

    private static string Part(TestGraph graph, int part)
    {
        string parts = "SplitToSequence1";
        if (part == 0) parts = graph.Node("SplitToSequence", [X(graph)], ("axis", 1), ("keepdims", 0));
        return graph.Node("SequenceAt", [parts, graph.Scalar($"part{part}", part)]);
    }
}
