using TrakFast.Onnx;

namespace TrakFast.Testing;

/// <summary>
/// Every operator's backward step, over odd shapes, against directional differences. Inputs pass through a product with a
/// parameter first, so that gradients with respect to inputs are tested too.
/// </summary>
public abstract class OperatorGradientContract : GraphContract
{
    private const int Examples = 5;

    private static readonly object[] None = [];

    protected static IEnumerable<TestCaseData> Elementwise()
    {
        foreach (string type in new[] { "Relu", "LeakyRelu", "Sigmoid", "Tanh", "Erf", "Neg", "Exp", "Identity", "Dropout" })
            yield return new TestCaseData(type, 17, None, -1f, 1f);
        yield return new TestCaseData("LeakyRelu", 11, new object[] { ("alpha", (object)0.3f) }, -1f, 1f);
        yield return new TestCaseData("Sqrt", 13, None, 0.5f, 1f);
        foreach (string type in new[] { "Elu", "Selu", "Celu", "Softplus", "Softsign", "Mish", "HardSigmoid", "HardSwish", "Abs" })
            yield return new TestCaseData(type, 18, None, -4f, 4f);
        yield return new TestCaseData("Elu", 11, new object[] { ("alpha", (object)0.3f) }, -1f, 1f);
        yield return new TestCaseData("Celu", 13, new object[] { ("alpha", (object)0.3f) }, -1f, 1f);
        yield return new TestCaseData("Selu", 13, new object[] { ("alpha", (object)1.3f), ("gamma", (object)0.7f) }, -1f, 1f);
        yield return new TestCaseData("HardSigmoid", 13, new object[] { ("alpha", (object)0.3f), ("beta", (object)0.4f) }, -3f, 3f);
        yield return new TestCaseData("Log", 13, None, 0.5f, 2f);
        yield return new TestCaseData("Reciprocal", 13, None, 0.5f, 2f);
        yield return new TestCaseData("Gelu", 20, None, -2f, 2f);
        yield return new TestCaseData("Gelu", 20, new object[] { ("approximate", (object)"tanh") }, -2f, 2f);
        yield return new TestCaseData("Softmax", 13, None, -1f, 1f);
        yield return new TestCaseData("Softmax", 13, new object[] { ("axis", (object)1) }, -1f, 1f);
        yield return new TestCaseData("Softmax", 11, None, -1f, 1f);
        yield return new TestCaseData("LogSoftmax", 13, new object[] { ("axis", (object)-2) }, -1f, 1f);
        yield return new TestCaseData("LogSoftmax", 11, new object[] { ("axis", (object)2) }, -1f, 1f);
    }

    [TestCaseSource(nameof(Elementwise))]
    public void ElementwiseAndRowwise(string type, int opset, object[] attributes, float low, float high)
    {
        TestGraph graph = new() { Opset = opset };
        string x = Scaled(graph, "x", 3, 7);
        string y = graph.Node(type, [x], [.. attributes.Cast<(string, object)>()]);
        CheckGradients(graph.Build(y), graph.Batch(Examples, low, high));
    }

    [Test]
    public void UnaryOfAParameterAlone([Values("Tanh", "Exp", "Sigmoid", "Softmax")] string type)
    {
        TestGraph graph = new();
        string y = graph.Node("Mul", [graph.Input("x", null, 3, 7), graph.Node(type, [graph.Parameter("w", 3, 7)])]);
        CheckGradients(graph.Build(y), graph.Batch(Examples));
    }

    [Test]
    public void Powers([Values(2f, 0.5f, 3f, -1f, 1.7f)] float exponent)
    {
        TestGraph graph = new();
        graph.Node("Constant", [], ("value_float", exponent));
        string y = graph.Node("Pow", [Scaled(graph, "x", 5), "Constant0"]);
        CheckGradients(graph.Build(y), graph.Batch(Examples, 0.8f, 1.5f));
    }

    // Both operands carry examples, or the second is a parameter repeated along some axes.
    [Test]
    public void Arithmetic(
        [Values("Add", "Sub", "Mul", "Div")] string type,
        [Values("3,5", "1,5", "3,1", "5", "1", "", "1,1,5", "1,3,1", "batch 3,5", "batch 1,5", "batch 3,1")] string second,
        [Values] bool swapped)
    {
        TestGraph graph = new();
        string a = Scaled(graph, "x", 3, 5);
        bool batched = second.StartsWith("batch", StringComparison.Ordinal);
        long[] shape = [.. second.Replace("batch ", "", StringComparison.Ordinal).Split(',', StringSplitOptions.RemoveEmptyEntries)
            .Select(long.Parse)];
        string b = batched ? Scaled(graph, "y", shape) : graph.Parameter("w", 0.5f, 1.5f, shape);
        string y = graph.Node(type, swapped ? [b, a] : [a, b]);
        CheckGradients(graph.Build(y), graph.Batch(Examples, 0.5f, 1.5f));
    }

    [Test]
    public void AValueAddedToItself()
    {
        TestGraph graph = new();
        string x = Scaled(graph, "x", 4);
        string y = graph.Node("Mul", [graph.Node("Add", [x, x]), x]);
        CheckGradients(graph.Build(y), graph.Batch(Examples));
    }

    [Test]
    public void Gemm(
        [Values(1f, 0.7f)] float alpha, [Values(1f, 1.3f)] float beta, [Values(0, 1)] int transposeB,
        [Values("none", "5", "1", "1,5", "", "batch", "batch1")] string bias)
    {
        TestGraph graph = new();
        List<string> inputs = [Scaled(graph, "x", 7), graph.Parameter("w", transposeB == 1 ? [5, 7] : [7, 5])];
        if (bias == "batch") inputs.Add(Scaled(graph, "c", 5));
        else if (bias == "batch1") inputs.Add(Scaled(graph, "c", 1));
        else if (bias != "none")
            inputs.Add(graph.Parameter("b", [.. bias.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(long.Parse)]));
        string y = graph.Node("Gemm", [.. inputs], ("alpha", alpha), ("beta", beta), ("transB", transposeB));
        CheckGradients(graph.Build(y), graph.Batch(Examples));
    }

    [Test]
    public void GemmOfParametersAlone([Values(0, 1)] int transposeA, [Values(0, 1)] int transposeB)
    {
        TestGraph graph = new();
        string product = graph.Node(
            "Gemm",
            [
                graph.Parameter("a", transposeA == 1 ? [4, 6] : [6, 4]),
                graph.Parameter("b", transposeB == 1 ? [5, 4] : [4, 5]),
                graph.Parameter("c", 6, 1)
            ],
            ("transA", transposeA),
            ("transB", transposeB),
            ("alpha", 0.6f));
        string y = graph.Node("Gemm", [graph.Input("x", null, 6), product]);
        CheckGradients(graph.Build(y), graph.Batch(Examples));
    }

    [TestCase("7", "7,5", false)]
    [TestCase("3,7", "7,5", false)]
    [TestCase("2,3,7", "7,5", false)]
    [TestCase("3,7", "7", false)]
    [TestCase("7", "7", false)]
    [TestCase("2,3,7", "2,7,5", false)]
    [TestCase("2,3,7", "1,7,5", false)]
    [TestCase("1,3,7", "2,7,5", false)]
    [TestCase("3,7", "1,7,5", false)]
    [TestCase("3,7", "batch 7,5", false)]
    [TestCase("2,3,7", "batch 2,7,5", false)]
    [TestCase("2,3,7", "batch 1,7,5", false)]
    [TestCase("1,3,7", "batch 2,7,5", false)]
    [TestCase("7,5", "3,7", true)]
    [TestCase("7,5", "1,3,7", true)]
    [TestCase("2,7,5", "3,7", true)]
    [TestCase("2,7,5", "2,3,7", true)]
    [TestCase("7,5", "7", true)]
    public void MatMul(string first, string second, bool swapped)
    {
        TestGraph graph = new();
        string a = Scaled(graph, "x", Parse(first));
        string b = second.StartsWith("batch ", StringComparison.Ordinal)
            ? Scaled(graph, "y", Parse(second[6..]))
            : graph.Parameter("w", Parse(second));
        string y = graph.Node("MatMul", swapped ? [b, a] : [a, b]);
        CheckGradients(graph.Build(y), graph.Batch(Examples));
    }

    [Test]
    public void WeightsSeenThroughOtherShapes(
        [Values("Identity", "Transpose", "Transpose twice", "Reshape", "Reshape of Transpose", "Flatten", "Mul")] string view,
        [Values("MatMul", "Gemm")] string product)
    {
        TestGraph graph = new();
        string w = view switch
        {
            "Identity" => graph.Node("Identity", [graph.Parameter("w", 6, 4)]),
            "Transpose" => graph.Node("Transpose", [graph.Parameter("w", 4, 6)]),
            "Transpose twice" => graph.Node(
                "Transpose", [graph.Node("Transpose", [graph.Parameter("w", 6, 4)], ("perm", new long[] { 1, 0 }))],
                ("perm", new long[] { 1, 0 })),
            "Reshape" => graph.Node("Reshape", [graph.Parameter("w", 2, 3, 4), graph.Integers("s", 6, -1)]),
            "Reshape of Transpose" =>
                graph.Node("Reshape", [graph.Node("Transpose", [graph.Parameter("w", 3, 8)]), graph.Integers("s", 6, 4)]),
            "Flatten" => graph.Node("Flatten", [graph.Parameter("w", 6, 2, 2)]),
            _ => graph.Node("Mul", [graph.Parameter("w", 6, 4), graph.Parameter("scale", 6, 1)]),
        };
        string y = graph.Node(product, [Scaled(graph, "x", 6), w]);
        CheckGradients(graph.Build(y), graph.Batch(Examples));
    }

    [TestCase("4,9", "6,4,3", "strides=2;pads=1,1")]
    [TestCase("4,9", "6,2,3", "group=2;dilations=2;pads=1,2")]
    [TestCase("3,6,7", "5,3,3,2", "")]
    [TestCase("4,6,7", "4,1,3,3", "group=4;pads=1,1,1,1;strides=2,1")]
    [TestCase("4,6,7", "6,4,1,1", "")]
    [TestCase("4,6,7", "6,4,1,1", "strides=2,2")]
    [TestCase("2,6,7", "4,2,3,2", "auto_pad=SAME_UPPER;strides=2,3")]
    [TestCase("2,6,7", "4,2,2,2", "auto_pad=SAME_LOWER")]
    [TestCase("2,6,7", "4,2,2,2", "auto_pad=VALID;dilations=2,3")]
    [TestCase("2,4,5,3", "3,2,2,3,2", "pads=0,1,1,1,0,0")]
    public void Conv(string input, string weight, string attributes)
    {
        TestGraph graph = new();
        long[] shape = Parse(weight);
        string y = graph.Node(
            "Conv", [Scaled(graph, "x", Parse(input)), graph.Parameter("w", shape), graph.Parameter("b", shape[0])],
            Attributes(attributes));
        CheckGradients(graph.Build(y), graph.Batch(Examples));
    }

    [Test]
    public void ConvWithAComputedWeight()
    {
        TestGraph graph = new();
        string w = graph.Node("Tanh", [graph.Parameter("w", 4, 2, 3, 3)]);
        string y = graph.Node("Conv", [Scaled(graph, "x", 4, 5, 5), w], ("group", 2));
        CheckGradients(graph.Build(y), graph.Batch(Examples));
    }

    [Test]
    public void ConvOfAParameter()
    {
        TestGraph graph = new();
        string maps = graph.Node("Conv", [graph.Parameter("image", 1, 2, 5, 5), graph.Parameter("w", 3, 2, 3, 3), graph.Parameter("b", 3)]);
        string y = graph.Node("Mul", [graph.Input("x", null, 3, 3, 3), maps]);
        CheckGradients(graph.Build(y), graph.Batch(Examples));
    }

    [TestCase("3,5,2")]
    [TestCase("3,20")]
    [TestCase("3")]
    public void BatchNormalization(string input)
    {
        TestGraph graph = new();
        string y = graph.Node(
            "BatchNormalization",
            [
                Scaled(graph, "x", Parse(input)),
                graph.Parameter("s", 3),
                graph.Parameter("b", 3),
                graph.Parameter("m", 3),
                graph.Parameter("v", 0.5f, 2, [3])
            ],
            ("epsilon", 1e-3f));
        OnnxGraph built = graph.Build(y);
        Assert.That(built.Parameters.Select(static p => p.Name), Is.EqualTo(new[] { "scale_x", "s", "b" }));
        CheckGradients(built, graph.Batch(Examples));
    }

    [TestCase("MaxPool", "3,7", "kernel_shape=3;strides=2")]
    [TestCase("MaxPool", "3,6,7", "kernel_shape=3,2;strides=2,2;pads=1,1,1,0")]
    [TestCase("MaxPool", "3,6,7", "kernel_shape=3,2;strides=2,2;ceil_mode=1")]
    [TestCase("MaxPool", "3,6,7", "kernel_shape=2,2;dilations=2,3")]
    [TestCase("MaxPool", "2,4,5,3", "kernel_shape=2,2,2;auto_pad=SAME_UPPER;strides=2,2,2")]
    [TestCase("AveragePool", "3,7", "kernel_shape=3;strides=2")]
    [TestCase("AveragePool", "3,6,7", "kernel_shape=3,2;strides=2,2;pads=1,1,1,0")]
    [TestCase("AveragePool", "3,6,7", "kernel_shape=3,2;strides=2,2;pads=1,1,1,0;count_include_pad=1;ceil_mode=1")]
    [TestCase("AveragePool", "2,4,5,3", "kernel_shape=2,2,2;ceil_mode=1;strides=2,2,2")]
    [TestCase("GlobalAveragePool", "3,6,7", "")]
    [TestCase("GlobalMaxPool", "3,6,7", "")]
    [TestCase("GlobalMaxPool", "3,6", "")]
    [TestCase("ReduceMax", "3,6,7", "axes=2,3;keepdims=0")]
    [TestCase("ReduceMax", "3,6,7", "axes=1,-1")]
    public void Pools(string type, string input, string attributes)
    {
        TestGraph graph = new();
        long?[] shape = [null, .. Parse(input).Select(static s => (long?)s)];
        string x = graph.Node("Mul", [graph.Input("x", shape), graph.Parameter("scale", 1, 1, Parse(input))]);
        string y = graph.Node(type, [x], Attributes(attributes));
        CheckGradients(graph.Build(y), graph.DistinctBatch(Examples));
    }

    [Test]
    public void Layout([Values("Flatten", "Reshape", "Transpose", "ReduceMean", "ReduceMean keep", "ReduceSum")] string type)
    {
        TestGraph graph = new();
        string x = Scaled(graph, "x", 3, 4, 5);
        string y = type switch
        {
            "Flatten" => graph.Node("Flatten", [x]),
            "Reshape" => graph.Node("Reshape", [x, graph.Integers("s", 0, -1, 6)]),
            "Transpose" => graph.Node("Transpose", [x], ("perm", new long[] { 0, 3, 1, 2 })),
            "ReduceMean" => graph.Node("ReduceMean", [x], ("axes", new long[] { -1, 1 }), ("keepdims", 0)),
            "ReduceMean keep" => graph.Node("ReduceMean", [x], ("axes", new long[] { 2 })),
            _ => graph.Node("ReduceSum", [x, graph.Integers("axes", 2, 3)], ("keepdims", 0)),
        };
        CheckGradients(graph.Build(y), graph.Batch(Examples));
    }

    private static string Scaled(TestGraph graph, string name, params long[] shape) =>
        graph.Node(
            "Mul", [graph.Input(name, [null, .. shape.Select(static s => (long?)s)]), graph.Parameter($"scale_{name}", 0.5f, 1.5f, shape)]);

    private static long[] Parse(string shape) => [.. shape.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(long.Parse)];

    private static (string, object)[] Attributes(string text) =>
        [.. text.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(static part =>
        {
            string[] sides = part.Split('=');
            object value = sides[0] switch
            {
                "auto_pad" => sides[1],
                "group" or "ceil_mode" or "count_include_pad" or "keepdims" => int.Parse(sides[1]),
                _ => Parse(sides[1]),
            };
            return (sides[0], value);
        })];
}
