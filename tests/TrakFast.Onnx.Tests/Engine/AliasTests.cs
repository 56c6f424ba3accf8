namespace TrakFast.Onnx.Tests;

/// <summary>One value in several places: both inputs of a node, several outputs, views that are read and listed as outputs.</summary>
internal sealed class AliasTests
{
    private static readonly Dictionary<string, Func<TestGraph, string, string>> Same = new()
    {
        ["Add"] = static (g, h) => g.Node("Add", [h, h]),
        ["Sub"] = static (g, h) => g.Node("Sub", [g.Node("Mul", [h, h]), h]),
        ["Mul"] = static (g, h) => g.Node("Mul", [h, h]),
        ["Div"] = static (g, h) => g.Node("Div", [h, g.Node("Add", [g.Node("Mul", [h, h]), g.Number("one", 1)])]),
        ["Max"] = static (g, h) => g.Node("Max", [h, g.Node("Neg", [h])]),
        ["Concat"] = static (g, h) => g.Node("Concat", [h, h, h], ("axis", 1)),
        ["Where"] = static (g, h) => g.Node("Where", [g.Node("Greater", [h, g.Number("zero", 0)]), h, h]),
        ["MatMul"] = static (g, h) => g.Node("MatMul", [h, g.Node("Transpose", [h], ("perm", new long[] { 0, 2, 1 }))]),
        ["Einsum"] = static (g, h) => g.Node("Einsum", [h, h], ("equation", "bij,bkj->bik")),
        ["Sum"] = static (g, h) => g.Node("Sum", [h, h, h]),
        ["Pow"] = static (g, h) => g.Node("Pow", [g.Node("Exp", [h]), h]),
        ["Views"] = static (g, h) => g.Node(
            "Mul", [g.Node("Relu", [g.Node("Reshape", [h, g.Integers("s", 0, 4, 3)])]), g.Node("Tanh", [g.Node("Reshape", [h, "s"])])]),
        ["A view in place, then again"] = static (g, h) =>
            g.Node("Add", [g.Node("Tanh", [g.Node("Identity", [h])]), g.Node("Neg", [g.Node("Identity", [h])])]),
    };

    private static IEnumerable<string> Names => Same.Keys;

    [TestCaseSource(nameof(Names))]
    public void AValueReadTwice(string name)
    {
        TestGraph graph = new();
        string hidden = graph.Node(
            "Add", [graph.Node("Mul", [graph.Input("x", null, 3, 4), graph.Parameter("w", 3, 4)]), graph.Parameter("b", 4)]);
        GradientCheck.Run(graph.Build(Same[name](graph, hidden)), graph.DistinctBatch(3));
    }

    [TestCaseSource(nameof(Names))]
    public void AParameterReadTwice(string name)
    {
        TestGraph graph = new();
        string hidden = graph.Parameter("w", 1, 3, 4);
        GradientCheck.Run(
            graph.Build(graph.Node("Mul", [graph.Input("x", null, 1, 1), Same[name](graph, hidden)])), graph.DistinctBatch(3));
    }

    [Test]
    public void OutputsThatAreInputsParametersConstantsAndInnerValues()
    {
        TestGraph graph = new();
        string x = graph.Input("x", null, 4), w = graph.Parameter("w", 4);
        string view = graph.Node("Reshape", [x, graph.Integers("s", 0, 2, 2)]), inner = graph.Node("Mul", [x, w]);
        string innerView = graph.Node("Identity", [inner]), y = graph.Node("Relu", [innerView]), constant = graph.Numbers("c", 1, 2);
        graph.Node("Exp", [inner]);
        using OnnxModel model = new(graph.Build(y, x, view, w, constant, inner, innerView));
        Batch batch = graph.Batch(3);
        using ModelResult result = model.Forward(batch);
        float[] values = batch[x].ToFloats(), weights = model.ToCheckpoint("").Tensors[w].ToFloats();
        float[] products = [.. values.Select((v, i) => v * weights[i % 4])];
        Assert.That(result[x].ToArray(), Is.EqualTo(values));
        Assert.That(result[view].ToArray(), Is.EqualTo(values));
        Assert.That(result[view].Shape, Is.EqualTo(new long[] { 3, 2, 2 }));
        Assert.That(result[w].ToArray(), Is.EqualTo(weights));
        Assert.That(result[constant].ToArray(), Is.EqualTo(new float[] { 1, 2 }));
        Assert.That(result[inner].ToArray(), Is.EqualTo(products));

        // Three ways to the same product, one of them through a kink.
        DenseSink sink = new(3, 4);
        model.Backward((result[y] + result[inner] + result[innerView] + result[x]).Sum(1), ParameterSelection.All(model.Parameters), sink);
        Assert.That(sink.Gradients, Is.EqualTo(values.Select((v, i) => v * (products[i] > 0 ? 3 : 2)).ToArray()).Within(1e-6f));
        Assert.That(result[inner].ToArray(), Is.EqualTo(products), "outputs stay after the backward pass");
        Assert.That(result[x].ToArray(), Is.EqualTo(values));
    }

    [TestCase(0, 3)]
    [TestCase(3, 0)]
    public void AxesWithoutElements(int rows, int columns)
    {
        TestGraph graph = new();
        string x = graph.Input("x", null, rows, columns);
        string h = graph.Node(
            "Relu", [graph.Node("Add", [graph.Node("Mul", [x, graph.Parameter("w", rows, columns)]), graph.Parameter("b", columns)])]);
        string both = graph.Node(
            "Concat",
            [
                graph.Node("Softmax", [h]),
                graph.Node("Transpose", [graph.Node("Transpose", [h], ("perm", new long[] { 0, 2, 1 }))], ("perm", new long[] { 0, 2, 1 }))
            ],
            ("axis", 1));
        string sum = graph.Node("ReduceSum", [both, graph.Integers("a", 1, 2)], ("keepdims", 0));
        string y = graph.Node(
            "Add",
            [
                graph.Node("Mul", [sum, graph.Parameter("s", 1)]),
                graph.Node("ReduceSum", [graph.Input("z", null, 2), graph.Integers("last", 1)], ("keepdims", 0))
            ]);
        (float[] f, float[] gradients) = GradientCheck.Both(graph.Build(y), graph.Batch(2), 1);
        Assert.That(f, Has.All.Not.Zero.And.All.Matches<float>(float.IsFinite));
        Assert.That(gradients, Has.All.Zero);
    }
}
