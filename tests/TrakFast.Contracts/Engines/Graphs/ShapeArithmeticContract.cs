namespace TrakFast.Testing;

/// <summary>Shapes that a graph computes, with the number of examples as one of their sizes.</summary>
public abstract class ShapeArithmeticContract : GraphContract
{
    private const int Examples = 4;

    [Test]
    public void AReshapeThatKeepsTheExamplesIsRecognized([Values("B,-1", "B,C*H", "-1,C*H")] string target)
    {
        TestGraph graph = new();
        string x = Scaled(graph, 3, 4), shape = graph.Node("Shape", [x]);
        string batch = Size(graph, shape, 0), rest = graph.Node("Mul", [Size(graph, shape, 1), Size(graph, shape, 2)]);
        string free = graph.Integers("free", -1);
        string wanted = target switch
        {
            "B,-1" => graph.Node("Concat", [batch, free], ("axis", 0)),
            "B,C*H" => graph.Node("Concat", [batch, rest], ("axis", 0)),
            _ => graph.Node("Concat", [free, rest], ("axis", 0)),
        };
        string y = graph.Node("MatMul", [graph.Node("Reshape", [x, wanted]), graph.Parameter("w", 12, 5)]);
        CheckGradients(graph.Build(y), graph.Batch(Examples));
    }

    [Test]
    public void AParameterRepeatedForEveryExampleJoinsThem()
    {
        // x[:, :, :1] beside a token: cat([token.expand(B, −1, −1), x], 1), with −1 resolved as exporters write it.
        TestGraph graph = new();
        string x = Scaled(graph, 3, 4), shape = graph.Node("Shape", [x], ("start", 0), ("end", 1));
        string wanted = graph.Node("Concat", [shape, graph.Integers("keep", -1, -1)], ("axis", 0));
        string ones = graph.Integers("ones", 1, 1, 1);
        string free = graph.Node("Equal", [wanted, graph.Integers("free", -1, -1, -1)]);
        string token = graph.Node("Expand", [graph.Parameter("token", 1, 1, 4), graph.Node("Where", [free, ones, wanted])]);
        string y = graph.Node("Concat", [token, x], ("axis", 1));
        CheckGradients(graph.Build(graph.Node("Tanh", [y])), graph.Batch(Examples));
    }

    [Test]
    public void ZerosForEveryExampleJoinThem()
    {
        TestGraph graph = new();
        string x = Scaled(graph, 3, 4), shape = graph.Node("Shape", [x]);
        string zeros = graph.Node(
            "ConstantOfShape",
            [graph.Node("Concat", [Size(graph, shape, 0), graph.Integers("two", 2), Size(graph, shape, 2)], ("axis", 0))]);
        CheckGradients(graph.Build(graph.Node("Concat", [x, zeros], ("axis", 1))), graph.Batch(Examples));
    }

    [Test]
    public void ASizeBecomesANumber()
    {
        TestGraph graph = new();
        string x = Scaled(graph, 3, 4);
        string root = graph.Node("Sqrt", [graph.Node("Cast", [Size(graph, graph.Node("Shape", [x]), 2)], ("to", 1))]);
        CheckGradients(graph.Build(graph.Node("Div", [x, root])), graph.Batch(Examples));
    }

    [TestCase("Cast")]
    [TestCase("Slice")]
    [TestCase("Reshape")]
    public void AResultThatDependsOnTheNumberOfExamplesIsRefusedByName(string type)
    {
        TestGraph graph = new();
        string x = graph.Input("x", null, 4, 4), batch = Size(graph, graph.Node("Shape", [x]), 0);
        string refused = type switch
        {
            "Cast" => graph.Node("Cast", [batch], ("to", 1)),
            "Slice" => graph.Node("Slice", [x, graph.Integers("from", 0), batch, graph.Integers("axis", 1)]),
            _ => graph.Node("Reshape", [x, graph.Node("Concat", [batch, batch, graph.Integers("free", -1)], ("axis", 0))]),
        };
        string y = type == "Cast" ? graph.Node("Div", [x, refused]) : refused;
        using IModel model = Open(graph.Build(y));
        Assert.That(() => model.Forward(graph.Batch(Examples)), Throws.InstanceOf<TrakException>().With.Message.Contains($"'{refused}'"));
    }

    private static string Size(TestGraph graph, string shape, long axis) =>
        graph.Node(
            "Unsqueeze",
            [
                graph.Node("Gather", [shape, graph.Node("Constant", [], ("value_int", (int)axis))]),
                graph.Node("Constant", [], ("value_ints", new long[] { 0 }))
            ]);

    private static string Scaled(TestGraph graph, params long[] shape) =>
        graph.Node("Mul", [graph.Input("x", [null, .. shape.Select(static s => (long?)s)]), graph.Parameter("scale", 0.5f, 1.5f, shape)]);
}
