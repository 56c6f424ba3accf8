using TrakFast.Onnx;

namespace TrakFast.Testing;

/// <summary>Normalizations, reductions and choices, backward, against directional differences.</summary>
public abstract class NormalizingGradientContract : GraphContract
{
    private const int Examples = 4;

    private static readonly object[] None = [];

    protected static IEnumerable<TestCaseData> Elementwise()
    {
        foreach (string type in new[] { "Sin", "Cos", "Tan", "Atan", "Sinh", "Cosh", "Asinh" })
            yield return new TestCaseData(type, None, -1f, 1f);
        foreach (string type in new[] { "Asin", "Acos", "Atanh" }) yield return new TestCaseData(type, None, -0.4f, 0.4f);
        yield return new TestCaseData("Acosh", None, 3f, 4f);
        yield return new TestCaseData("ThresholdedRelu", new object[] { ("alpha", (object)0.3f) }, -2f, 2f);
        yield return new TestCaseData("Shrink", new object[] { ("lambd", (object)0.4f), ("bias", (object)0.2f) }, -2f, 2f);
        yield return new TestCaseData("LpNormalization", new object[] { ("axis", (object)1) }, -1f, 1f);
        yield return new TestCaseData("LpNormalization", new object[] { ("p", (object)1) }, 0.5f, 1f);
        yield return new TestCaseData("MeanVarianceNormalization", new object[] { ("axes", (object)new long[] { 1, -1 }) }, -1f, 1f);
        yield return new TestCaseData(
            "LRN", new object[] { ("size", (object)2), ("alpha", (object)0.9f), ("bias", (object)0.7f) }, -1f, 1f);
        yield return new TestCaseData(
            "LRN", new object[] { ("size", (object)3), ("alpha", (object)0.9f), ("beta", (object)1.5f) }, -1f, 1f);
        yield return new TestCaseData("GlobalLpPool", new object[] { ("p", (object)3) }, 0.5f, 1f);
        yield return new TestCaseData(
            "LpPool",
            new object[]
            {
                ("kernel_shape", (object)new long[] { 3 }),
                ("strides", (object)new long[] { 2 }),
                ("pads", (object)new long[] { 1, 0 })
            },
            0.5f, 1f);
        yield return new TestCaseData("ReduceL1", new object[] { ("axes", (object)new long[] { 1 }) }, 0.5f, 1f);
        yield return new TestCaseData(
            "ReduceSumSquare", new object[] { ("axes", (object)new long[] { 1, 2 }), ("keepdims", (object)0) }, -1f, 1f);
        yield return new TestCaseData("ReduceLogSum", new object[] { ("axes", (object)new long[] { 2 }) }, 0.5f, 1f);
        yield return new TestCaseData(
            "ReduceLogSumExp", new object[] { ("axes", (object)new long[] { 1 }), ("keepdims", (object)0) }, -3f, 3f);
    }

    [TestCaseSource(nameof(Elementwise))]
    public void OfOneValue(string type, object[] attributes, float low, float high)
    {
        TestGraph graph = new();
        string y = graph.Node(type, [Scaled(graph, "x", 3, 7)], [.. attributes.Cast<(string, object)>()]);
        CheckGradients(graph.Build(y), graph.Batch(Examples, low, high));
    }

    [TestCase("layer", "3,19", "19", "19")]
    [TestCase("layer", "2,3,5", "3,5", "")]
    [TestCase("layer", "3,19", "1", "19")]
    [TestCase("rms", "3,19", "19", null)]
    [TestCase("rms", "3,5,4", "5,1", null)]
    [TestCase("instance", "3,19", "3", "3")]
    [TestCase("instance", "3,2,2", "3", "3")]
    [TestCase("group 18", "4,9", "2", "2")]
    [TestCase("group 21", "4,9", "4", "4")]
    [TestCase("group 21", "6", "6", "6")]
    public void Rows(string kind, string input, string scale, string? bias)
    {
        TestGraph graph = new() { Opset = kind switch { "group 18" => 18, "group 21" => 21, "rms" => 23, _ => 17 } };
        string type = kind switch
        {
            "layer" => "LayerNormalization",
            "rms" => "RMSNormalization",
            "instance" => "InstanceNormalization",
            _ => "GroupNormalization"
        };
        List<string> inputs = [Scaled(graph, "x", Parse(input)), graph.Parameter("s", Parse(scale))];
        if (!string.IsNullOrEmpty(bias)) inputs.Add(graph.Parameter("b", Parse(bias)));
        (string, object)[] attributes = kind switch
        {
            "layer" or "rms" => [("axis", -Parse(scale).Length), ("epsilon", 1e-2f)],
            "instance" => [("epsilon", 1e-2f)],
            _ => [("num_groups", 2), ("epsilon", 1e-2f)],
        };
        CheckGradients(graph.Build(graph.Node(type, [.. inputs], attributes)), graph.Batch(Examples));
    }

    // A normalized parameter has one copy for all examples, whose gradients differ.
    [Test]
    public void RowsOfAParameter([Values("LayerNormalization", "RMSNormalization")] string type)
    {
        TestGraph graph = new() { Opset = 23 };
        string normal = graph.Node(type, [graph.Parameter("w", 2, 11), graph.Parameter("s", 11)]);
        CheckGradients(graph.Build(graph.Node("Mul", [graph.Input("x", null, 2, 11), normal])), graph.Batch(Examples));
    }

    [TestCase("LayerNormalization", "7")]
    [TestCase("RMSNormalization", "2,5")]
    public void ParametersThatDoNotFitAreRefused(string type, string scale)
    {
        TestGraph graph = new() { Opset = 23 };
        using IModel model = Open(graph.Build(graph.Node(type, [graph.Input("x", null, 5), graph.Parameter("s", Parse(scale))])));
        Assert.That(
            () => model.Forward(graph.Batch(Examples)), Throws.InstanceOf<TrakException>().With.Message.Contains("of those axes' shape"));
    }

    // Rows long enough for full vectors and a rest.
    [Test]
    public void RowsComeOutAsTheirDefinitionSays([Values(1, 7, 8, 33, 100)] int length)
    {
        TestGraph graph = new();
        string y = graph.Node(
            "LayerNormalization", [graph.Input("x", null, length), graph.Parameter("s", length), graph.Parameter("b", length)]);
        OnnxGraph built = graph.Build(y);
        Batch batch = graph.Batch(Examples, 10, 12);
        using IModel model = Open(built);
        using ModelResult result = model.Forward(batch);
        float[] x = batch["x"].ToFloats(), actual = result.First.ToArray(), s = Stored("s"),
            b = Stored("b"), expected = new float[x.Length];
        for (int row = 0; row < Examples; row++)
        {
            double mean = Enumerable.Range(0, length).Average(i => (double)x[(row * length) + i]);
            double variance = Enumerable.Range(0, length).Average(i => Math.Pow(x[(row * length) + i] - mean, 2));
            for (int i = 0; i < length; i++)
                expected[(row * length) + i] = (float)(((x[(row * length) + i] - mean) / Math.Sqrt(variance + 1e-5) * s[i]) + b[i]);
        }

        Assert.That(Close.RelativeError(actual, expected), Is.LessThan(2e-6));

        float[] Stored(string name) => built.Initializers.Single(i => i.Name == name).Values.ToFloats();
    }

    [TestCase(1, 1)]
    [TestCase(1, 0)]
    [TestCase(2, 1)]
    public void TheBestElements(int axis, int largest)
    {
        TestGraph graph = new();
        string y = graph.Node("TopK", [Scaled(graph, 1, "x", 4, 6), graph.Integers("k", 3)], ("axis", axis), ("largest", largest));
        CheckGradients(graph.Build(graph.Node("Tanh", [y])), graph.DistinctBatch(Examples));
    }

    [Test]
    public void LargestAndSmallest(
        [Values("Max", "Min")] string type, [Values("3,5", "5", "batch 3,5", "batch 1,5", "batch 3,1")] string second)
    {
        TestGraph graph = new();
        string a = Scaled(graph, 1, "x", 3, 5);
        string b = second.StartsWith("batch ", StringComparison.Ordinal)
            ? Between(graph, "y", Parse(second[6..]))
            : graph.Parameter("w", 0.01f, 0.1f, Parse(second));
        CheckGradients(graph.Build(graph.Node(type, [a, b])), graph.DistinctBatch(Examples));
    }

    [Test]
    public void EqualOnesShareTheGradient([Values("Max", "Min")] string type)
    {
        TestGraph graph = new();
        string x = graph.Input("x", null, 1),
            y = graph.Node(
                type, [graph.Node("Mul", [x, graph.Parameter("a", 1, 1, [1])]), graph.Node("Mul", [x, graph.Parameter("b", 1, 1, [1])])]);
        (_, float[] gradients) = Both(graph.Build(y), graph.Batch(1), 1);
        Assert.That(gradients[0], Is.Not.Zero.And.EqualTo(gradients[1]));
    }

    [Test]
    public void AnyNumberOfValues([Values("Sum", "Mean", "Max", "Min")] string type, [Values(1, 3, 4)] int count)
    {
        TestGraph graph = new();
        string[] values =
        [
            Scaled(graph, 1, "x", 2, 3),
            Between(graph, "y", 1, 3),
            graph.Parameter("w", 0.2f, 0.3f, [2, 1]),
            graph.Parameter("v", 0.4f, 0.5f, [3])
        ];
        CheckGradients(graph.Build(graph.Node(type, values[..count])), graph.DistinctBatch(Examples));
    }

    [Test]
    public void SmallestOfAxes()
    {
        TestGraph graph = new();
        string y = graph.Node("ReduceMin", [Scaled(graph, 1, "x", 3, 4)], ("axes", new long[] { 1 }));
        CheckGradients(graph.Build(y), graph.DistinctBatch(Examples));
    }

    // Levels that lie between those of the first input, so that a small step changes no winner.
    private static string Between(TestGraph graph, string name, params long[] shape) =>
        graph.Node("Add", [Scaled(graph, 1, name, shape), graph.Number("between", 0.1f)]);

    private static string Scaled(TestGraph graph, string name, params long[] shape) => Scaled(graph, 0.5f, name, shape);

    private static string Scaled(TestGraph graph, float low, string name, params long[] shape) =>
        graph.Node(
            "Mul",
            [graph.Input(name, [null, .. shape.Select(static s => (long?)s)]), graph.Parameter($"scale_{name}", low, 2 - low, shape)]);

    private static long[] Parse(string shape) => [.. shape.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(long.Parse)];
}
