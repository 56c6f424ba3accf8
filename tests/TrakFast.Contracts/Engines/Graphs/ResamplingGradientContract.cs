using TrakFast.Onnx;

namespace TrakFast.Testing;

/// <summary>Operators that change the resolution of maps, backward, against directional differences.</summary>
public abstract class ResamplingGradientContract : GraphContract
{
    private const int Examples = 4;

    [Test]
    public void Resizes(
        [Values("nearest", "linear", "cubic")] string mode,
        [Values("half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric")] string coordinates,
        [Values("7,3", "2,9", "1,1")] string sizes)
    {
        TestGraph graph = new();
        long[] target = Parse(sizes);
        string y = graph.Node(
            "Resize", [Scaled(graph, 2, 4, 5), "", "", graph.Integers("sizes", [Examples, 2, .. target])], ("mode", mode),
            ("coordinate_transformation_mode", coordinates));
        CheckGradients(graph.Build(y), graph.Batch(Examples));
    }

    [TestCase("floor")]
    [TestCase("ceil")]
    [TestCase("round_prefer_floor")]
    [TestCase("round_prefer_ceil")]
    public void ResizesToTheNearest(string nearest)
    {
        TestGraph graph = new();
        string y = graph.Node("Resize", [Scaled(graph, 2, 5), "", graph.Numbers("factors", 1, 1, 1.7f)], ("nearest_mode", nearest));
        CheckGradients(graph.Build(y), graph.Batch(Examples));
    }

    [TestCase("linear", 0)]
    [TestCase("cubic", 0)]
    [TestCase("cubic", 1)]
    public void ResizesWithoutAliases(string mode, int exclude)
    {
        TestGraph graph = new() { Opset = 18 };
        string y = graph.Node(
            "Resize", [Scaled(graph, 2, 9, 7), "", "", graph.Integers("sizes", 4, 3)], ("mode", mode), ("antialias", 1),
            ("exclude_outside", exclude), ("axes", new long[] { 2, -1 }));
        CheckGradients(graph.Build(y), graph.Batch(Examples));
    }

    // Channels behind the map, so that runs of them move together.
    [TestCase("not_larger", "[B, 4, 3, 11]")]
    [TestCase("not_smaller", "[B, 8, 6, 11]")]
    [TestCase("stretch", "[B, 8, 3, 11]")]
    public void ResizesAxesInTheMiddle(string policy, string expected)
    {
        TestGraph graph = new() { Opset = 18 };
        string y = graph.Node(
            "Resize",
            [Scaled(graph, 4, 3, 11), "", "", graph.Integers("sizes", 8, 3)],
            ("mode", "linear"),
            ("axes", new long[] { 1, 2 }),
            ("keep_aspect_ratio_policy", policy));
        OnnxGraph built = graph.Build(y);
        Batch batch = graph.Batch(Examples);
        using IModel model = Open(built);
        using ModelResult result = model.Forward(batch);
        Assert.That($"[B, {string.Join(", ", result.First.Shape.Skip(1))}]", Is.EqualTo(expected));
        if (policy != "not_larger") CheckGradients(built, batch);
    }

    [Test]
    public void ResizesAPartAndFillsWhatLiesOutside()
    {
        TestGraph graph = new();
        string y = graph.Node(
            "Resize",
            [
                Scaled(graph, 1, 4, 5),
                graph.Numbers("region", 0, 0, 0.2f, -0.3f, 1, 1, 0.8f, 1.4f),
                "",
                graph.Integers("sizes", Examples, 1, 3, 6)
            ],
            ("mode", "linear"),
            ("coordinate_transformation_mode", "tf_crop_and_resize"),
            ("extrapolation_value", 0.7f));
        OnnxGraph built = graph.Build(y);
        Batch batch = graph.Batch(Examples);
        using (IModel model = Open(built))
        using (ModelResult result = model.Forward(batch))
        {
            // Columns lie at −1.2, 0.16, 1.52, 2.88, 4.24 and 5.6 of 0 to 4.
            float[] values = result.First.ToArray();
            Assert.That(new[] { values[0], values[4], values[5] }, Is.All.EqualTo(0.7f));
            Assert.That(new[] { values[1], values[2], values[3] }, Has.None.EqualTo(0.7f));
        }

        CheckGradients(built, batch);
    }

    [Test]
    public void ResizesATableOfPositions([Values("linear", "cubic")] string mode)
    {
        TestGraph graph = new();
        string table = graph.Node(
            "Resize", [graph.Parameter("positions", 1, 3, 4, 4), "", "", graph.Integers("sizes", 1, 3, 5, 3)], ("mode", mode));
        string y = graph.Node("Mul", [graph.Node("Tanh", [table]), graph.Input("x", null, 3, 5, 3)]);
        CheckGradients(graph.Build(y), graph.Batch(Examples));
    }

    [Test]
    public void UpsamplesAsOldFilesDo([Values("nearest", "linear")] string mode)
    {
        TestGraph graph = new() { Opset = 9 };
        string y = graph.Node("Upsample", [Scaled(graph, 2, 3, 4), graph.Numbers("factors", 1, 1, 2, 3)], ("mode", mode));
        CheckGradients(graph.Build(y), graph.Batch(Examples));
    }

    [Test]
    public void ResizingTheExamplesIsRefused()
    {
        TestGraph graph = new();
        string y = graph.Node("Resize", [Scaled(graph, 2, 3), "", graph.Numbers("factors", 2, 1, 1)]);
        using IModel model = Open(graph.Build(y));
        Assert.That(
            () => model.Forward(graph.Batch(Examples)), Throws.InstanceOf<TrakException>().With.Message.Contains("would mix the examples"));
    }

    [TestCase("4,5", "4,3,3", "strides=2;pads=1,0;output_padding=1")]
    [TestCase("4,5", "4,2,2", "group=2;dilations=2;pads=0,1")]
    [TestCase("4,5", "4,1,2", "group=4;strides=3")]
    [TestCase("3,4,5", "3,2,3,2", "")]
    [TestCase("3,4,5", "3,2,3,2", "strides=2,3;auto_pad=SAME_UPPER")]
    [TestCase("3,4,5", "3,2,3,3", "strides=2,2;auto_pad=SAME_LOWER")]
    [TestCase("3,4,5", "3,2,3,2", "strides=2,2;output_shape=8,11")]
    [TestCase("4,3,2", "4,3,1,1", "")]
    [TestCase("4,3,2", "4,3,2,2", "group=2;strides=2,2")]
    [TestCase("2,2,3,2", "2,2,2,3,2", "strides=2,1,2;pads=0,1,0,1,0,1")]
    public void TransposedConvolutions(string input, string weight, string attributes)
    {
        TestGraph graph = new();
        long[] shape = Parse(weight);
        (string, object)[] given = Attributes(attributes);
        long outputs = shape[1] * given.Where(static a => a.Item1 == "group").Select(static a => (long)(int)a.Item2).Append(1).First();
        string y = graph.Node(
            "ConvTranspose", [Scaled(graph, Parse(input)), graph.Parameter("w", shape), graph.Parameter("b", outputs)], given);
        CheckGradients(graph.Build(y), graph.Batch(Examples));
    }

    [Test]
    public void TransposedConvolutionOfAParameterWithAComputedWeight()
    {
        TestGraph graph = new();
        string maps = graph.Node(
            "ConvTranspose", [graph.Parameter("image", 1, 2, 3, 3), graph.Node("Tanh", [graph.Parameter("w", 2, 3, 2, 2)])]);
        string y = graph.Node("Mul", [graph.Input("x", null, 3, 4, 4), maps]);
        CheckGradients(graph.Build(y), graph.Batch(Examples));
    }

    [TestCase("5,5", "2,3", "")]
    [TestCase("5,6", "3,2", "strides=2,3;pads=1,0,1,1")]
    [TestCase("7", "2", "dilations=3;strides=2")]
    public void PatchesMakeImages(string image, string kernel, string attributes)
    {
        TestGraph graph = new() { Opset = 18 };
        long[] size = Parse(image), patch = Parse(kernel);
        (string Name, object Value)[] given = Attributes(attributes);
        long[] Given(string name, long value, int count) =>
            given.Where(a => a.Name == name).Select(static a => (long[])a.Value).FirstOrDefault() ?? [.. Enumerable.Repeat(value, count)];
        long[] strides = Given("strides", 1, size.Length),
            dilations = Given("dilations", 1, size.Length),
            pads = Given("pads", 0, 2 * size.Length);
        long positions = Shapes.Count(
            size.Select((s, i) => ((s + pads[i] + pads[i + size.Length] - (dilations[i] * (patch[i] - 1)) - 1) / strides[i]) + 1));
        string y = graph.Node(
            "Col2Im",
            [Scaled(graph, 2 * Shapes.Count(patch), positions), graph.Integers("image", size), graph.Integers("kernel", patch)], given);
        CheckGradients(graph.Build(y), graph.Batch(Examples));
    }

    private static string Scaled(TestGraph graph, params long[] shape) =>
        graph.Node("Mul", [graph.Input("x", [null, .. shape.Select(static s => (long?)s)]), graph.Parameter("scale", 0.5f, 1.5f, shape)]);

    private static long[] Parse(string shape) => [.. shape.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(long.Parse)];

    private static (string, object)[] Attributes(string text) =>
        [.. text.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(static part =>
        {
            string[] sides = part.Split('=');
            object value = sides[0] switch
            {
                "auto_pad" => sides[1],
                "group" => int.Parse(sides[1]),
                _ => Parse(sides[1]),
            };
            return (sides[0], value);
        })];
}
