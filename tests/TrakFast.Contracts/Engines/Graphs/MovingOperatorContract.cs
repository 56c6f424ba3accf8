namespace TrakFast.Testing;

/// <summary>Operators that move, cut, join or repeat elements, against directional differences.</summary>
public abstract class MovingOperatorContract : GraphContract
{
    private const int Examples = 4;

    [TestCase("1", "3", "2", "1")]
    [TestCase("0,-1", "9223372036854775807,-9223372036854775807", "3,2", "2,-1")]
    [TestCase("-3,1", "-1,100", "-1,1", "1,3")]
    [TestCase("0,0", "9223372036854775807,2", "0,1", "1,1")]
    public void Slices(string starts, string ends, string axes, string steps)
    {
        TestGraph graph = new();
        string y = graph.Node(
            "Slice",
            [
                Scaled(graph, 4, 5, 6),
                graph.Integers("starts", Parse(starts)),
                graph.Integers("ends", Parse(ends)),
                graph.Integers("axes", Parse(axes)),
                graph.Integers("steps", Parse(steps))
            ]);
        CheckGradients(graph.Build(y), graph.Batch(Examples));
    }

    [Test]
    public void APartOfAParameterIsSharedByAllExamples()
    {
        TestGraph graph = new();
        string part = graph.Node("Slice", [graph.Parameter("w", 5, 3), graph.Integers("starts", 1), graph.Integers("ends", 3)]);
        string y = graph.Node("MatMul", [graph.Input("x", null, 2), part]);
        CheckGradients(graph.Build(y), graph.Batch(Examples));
    }

    [TestCase(11)]
    [TestCase(13)]
    [TestCase(18)]
    public void SplitsIntoParts(int opset)
    {
        TestGraph graph = new() { Opset = opset };
        string x = Scaled(graph, 5, 3);
        string[] parts = opset switch
        {
            11 => graph.Split([x], 2, ("axis", 1), ("split", new long[] { 2, 3 })),
            13 => graph.Split([x, graph.Integers("sizes", 2, 3)], 2, ("axis", 1)),
            _ => graph.Split([x], 2, ("axis", -2), ("num_outputs", 2)),
        };
        string back = graph.Node("Concat", [graph.Node("Tanh", [parts[1]]), parts[0], parts[1]], ("axis", -2));
        CheckGradients(graph.Build(back), graph.Batch(Examples));
    }

    [TestCase("2", 2)]
    [TestCase("-1,0,0", 1)]
    public void GathersByIndex(string indices, int axis)
    {
        TestGraph graph = new();
        string y = graph.Node("Gather", [Scaled(graph, 3, 4), graph.Integers("i", Parse(indices))], ("axis", axis));
        CheckGradients(graph.Build(y), graph.Batch(Examples));
    }

    [TestCase("constant", "0,0,1,2,0,0,0,3")]
    [TestCase("constant", "0,1,-1,2,0,0,0,-1")]
    [TestCase("reflect", "0,0,1,2,0,0,3,2")]
    [TestCase("edge", "0,0,5,2,0,0,0,3")]
    [TestCase("wrap", "0,0,1,2,0,0,4,3")]
    public void Pads(string mode, string pads)
    {
        TestGraph graph = new();
        string y = graph.Node(
            "Pad", [Scaled(graph, 2, 4, 5), graph.Integers("pads", Parse(pads)), graph.Number("fill", 0.5f)], ("mode", mode));
        CheckGradients(graph.Build(graph.Node("Tanh", [y])), graph.Batch(Examples));
    }

    [TestCase("DepthToSpace", "DCR", "8,2,3")]
    [TestCase("DepthToSpace", "CRD", "8,2,3")]
    [TestCase("SpaceToDepth", "", "2,4,6")]
    public void Blocks(string type, string mode, string shape)
    {
        TestGraph graph = new();
        (string, object)[] attributes = mode.Length == 0 ? [("blocksize", 2)] : [("blocksize", 2), ("mode", mode)];
        CheckGradients(graph.Build(graph.Node(type, [Scaled(graph, Parse(shape))], attributes)), graph.Batch(Examples));
    }

    [Test]
    public void SqueezesAndUnsqueezes([Values(11, 13)] int opset)
    {
        TestGraph graph = new() { Opset = opset };
        string x = Scaled(graph, 1, 3, 1);
        string y = opset == 11
            ? graph.Node("Unsqueeze", [graph.Node("Squeeze", [x], ("axes", new long[] { -1, 1 }))], ("axes", new long[] { 1, -1 }))
            : graph.Node("Unsqueeze", [graph.Node("Squeeze", [x, graph.Integers("gone", -1, 1)]), graph.Integers("added", 2)]);
        CheckGradients(graph.Build(y), graph.Batch(Examples));
    }

    [Test]
    public void NormalizesRows([Values("last", "two", "instance")] string kind)
    {
        TestGraph graph = new();
        string x = Scaled(graph, 3, 2, 5);
        string y = kind switch
        {
            "last" => graph.Node("LayerNormalization", [x, graph.Parameter("s", 5), graph.Parameter("b", 5)], ("epsilon", 1e-2f)),
            "two" => graph.Node("LayerNormalization", [x, graph.Parameter("s", 2, 5)], ("axis", 2)),
            _ => graph.Node("InstanceNormalization", [x, graph.Parameter("s", 3), graph.Parameter("b", 3)], ("epsilon", 1e-2f)),
        };
        CheckGradients(graph.Build(y), graph.Batch(Examples));
    }

    [Test]
    public void Lengths([Values(17, 18)] int opset)
    {
        TestGraph graph = new() { Opset = opset };
        string x = Scaled(graph, 3, 4);
        string y = opset < 18
            ? graph.Node("ReduceL2", [x], ("axes", new long[] { 1 }), ("keepdims", 0))
            : graph.Node("ReduceL2", [x, graph.Integers("axes", 2)]);
        CheckGradients(graph.Build(y), graph.Batch(Examples));
    }

    [Test]
    public void SlopesAndBounds([Values("PRelu", "PRelu of channels", "Clip", "Clip below")] string type)
    {
        TestGraph graph = new();
        string x = Scaled(graph, 3, 6);
        string y = type switch
        {
            "PRelu" => graph.Node("PRelu", [x, graph.Parameter("slope", 1)]),
            "PRelu of channels" => graph.Node("PRelu", [x, graph.Parameter("slope", 3, 1)]),
            "Clip" => graph.Node("Clip", [x, graph.Number("low", -0.3f), graph.Number("high", 0.4f)]),
            _ => graph.Node("Clip", [x, "", graph.Number("high", 0.4f)]),
        };
        CheckGradients(graph.Build(y), graph.DistinctBatch(Examples));
    }

    private static string Scaled(TestGraph graph, params long[] shape) =>
        graph.Node("Mul", [graph.Input("x", [null, .. shape.Select(static s => (long?)s)]), graph.Parameter("scale", 0.5f, 1.5f, shape)]);

    private static long[] Parse(string shape) => [.. shape.Split(',').Select(long.Parse)];
}
