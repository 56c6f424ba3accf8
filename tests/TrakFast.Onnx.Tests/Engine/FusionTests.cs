namespace TrakFast.Onnx.Tests;

/// <summary>
/// Chains of nodes that run as one: they do what the nodes do one by one, their gradients are right, and the steps that
/// they save are gone.
/// </summary>
internal sealed class FusionTests
{
    private const int Tokens = 5;
    private const int Heads = 3;
    private const int Width = 4;

    private static readonly long[] ToHeads = [0, 2, 1, 3];
    private static readonly long[] ToKeys = [0, 2, 3, 1];

    private static readonly Dictionary<string, (Func<TestGraph, string> Make, int Steps)> Chains = new()
    {
        // Three products, three views that cut heads, the two products of attention, Mul, Softmax, and one more view.
        ["attention"] = (
            static g => Attention(g, Turned(g, "k", ToKeys), static (g, s) => g.Node("Mul", [s, g.Number("scale", 0.5f)])),
            3 + 3 + 2 + 1 + 1),
        ["attention, keys turned twice"] = (
            static g => Attention(
                g, g.Node("Transpose", [Turned(g, "k", ToHeads)], ("perm", new long[] { 0, 1, 3, 2 })),
                static (g, s) => g.Node("Div", [s, g.Number("scale", 2)])),
            3 + 3 + 2 + 1 + 1),
        ["attention, keys scaled"] = (
            static g => Attention(g, g.Node("Mul", [Turned(g, "k", ToKeys), g.Number("scale", 0.5f)]), static (_, s) => s),
            3 + 3 + 2 + 1 + 1),
        ["turned weight"] =
            (static g => g.Node("MatMul", [g.Input("x", null, Tokens, Width), g.Node("Transpose", [g.Parameter("w", 6, Width)])]), 1),
        ["product written turned"] = (static g => g.Node(
            "Transpose", [g.Node("MatMul", [Own(g, "x", 2, Tokens, Width), Own(g, "y", 2, Width, 6)])],
            ("perm", new long[] { 0, 1, 3, 2 })), 3),
        ["operand of other stacks"] = (static g => g.Node(
            "MatMul",
            [Own(g, "x", 2, Tokens, Width), g.Node("Transpose", [Own(g, "y", 1, 6, Width)], ("perm", new long[] { 0, 1, 3, 2 }))]), 3),
        ["normalization and Relu"] = (
            static g => g.Node("Relu", [g.Node(
                "BatchNormalization",
                [
                    g.Input("x", null, Heads, Tokens, Width),
                    g.Parameter("s", Heads),
                    g.Parameter("b", Heads),
                    g.Numbers("m", 0.1f, -0.2f, 0.3f),
                    g.Numbers("v", 1, 2, 0.5f)
                ])]),
            1),
    };

    private static IEnumerable<string> Names => Chains.Keys;

    private static IEnumerable<string> Smooth => Chains.Keys.Where(static n => !n.Contains("Relu", StringComparison.Ordinal));

    // Not where a kink would lie between two points of a difference.
    [TestCaseSource(nameof(Smooth))]
    public void GradientsAreRightAndEveryExampleStandsAlone(string name)
    {
        TestGraph graph = new();
        GradientCheck.Run(graph.Build(Chains[name].Make(graph)), graph.Batch(3));
    }

    [TestCaseSource(nameof(Names))]
    public void StepsAreSaved(string name)
    {
        TestGraph graph = new();
        OnnxGraph built = graph.Build(Chains[name].Make(graph));
        Program program =
            new ProgramCache(built).For([.. built.Inputs.Select(static i => i.Shape!.Skip(1).Select(static s => s ?? 1).ToArray())]);
        Assert.That(
            program.Steps, Has.Length.EqualTo(Chains[name].Steps),
            () => string.Join(", ", program.Steps.Select(static s => s.Operator.GetType().Name)));
        Assert.That(program.Steps.Select(static s => s.Index), Is.EqualTo(Enumerable.Range(0, program.Steps.Length)));
    }

    [TestCaseSource(nameof(Names))]
    public void ItIsWhatTheNodesMakeOneByOne(string name)
    {
        TestGraph graph = new();
        string y = Chains[name].Make(graph);
        OnnxGraph fused = graph.Build(y);

        // Whatever is an output as well is made as the file says.
        OnnxGraph apart = graph.Build(
        [
            y,
            .. fused.Nodes.Where(static n => n.OpType is not ("Constant" or "Reshape")).Select(static n => n.Outputs[0]).Where(o => o != y)
        ]);
        Batch batch = graph.Batch(3);
        (float[] expected, float[] expectedGradients) = GradientCheck.Both(apart, batch, 1);
        (float[] actual, float[] gradients) = GradientCheck.Both(fused, batch, 1);
        Assert.That(actual, Is.EqualTo(expected).Within(1e-5f));
        Assert.That(gradients, Has.Some.Not.Zero);
        Assert.That(gradients, Is.EqualTo(expectedGradients).Within(1e-5f));
    }

    [Test]
    public void AVariableOfAPassThatHasEndedIsRefused()
    {
        TestGraph graph = new();
        using OnnxModel model = new(graph.Build(graph.Node("Mul", [graph.Input("x", null, 4), graph.Parameter("w", 4)])));
        Variable sum;
        using (ModelResult result = model.Forward(graph.Batch(2))) sum = result.First.Sum(1);
        Assert.That(() => sum.ToArray(), Throws.TypeOf<ObjectDisposedException>());
    }

    private static string Own(TestGraph graph, string name, params long[] shape) =>
        graph.Node(
            "Mul", [graph.Input(name, [null, .. shape.Select(static s => (long?)s)]), graph.Parameter($"{name}.scale", [1, .. shape])]);

    private static string Turned(TestGraph graph, string name, long[] order)
    {
        if (!graph.Has("x")) graph.Input("x", null, Tokens, Width);
        string layer = graph.Node("MatMul", ["x", graph.Parameter($"{name}.weight", Width, Heads * Width)]);
        return graph.Node(
            "Transpose", [graph.Node("Reshape", [layer, graph.Integers($"{name}.sizes", 0, Tokens, Heads, Width)])], ("perm", order));
    }

    private static string Attention(TestGraph graph, string keys, Func<TestGraph, string, string> scaled)
    {
        string scores = scaled(graph, graph.Node("MatMul", [Turned(graph, "q", ToHeads), keys]));
        string mixed = graph.Node("MatMul", [graph.Node("Softmax", [scores], ("axis", -1)), Turned(graph, "v", ToHeads)]);
        return graph.Node(
            "Reshape", [graph.Node("Transpose", [mixed], ("perm", ToHeads)), graph.Integers("joined", 0, Tokens, Heads * Width)]);
    }
}
