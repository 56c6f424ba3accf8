using TrakFast.Onnx.Proto;
using Kind = TrakFast.Onnx.Proto.AttributeProto.Types.AttributeType;

namespace TrakFast.Onnx.Tests;

/// <summary>Functions of a model stand for their bodies, whatever they call their values and attributes.</summary>
internal sealed class FunctionInlinerTests
{
    private const string Leaky = "pkg.onnxscript.torch_lib::aten_leaky_relu";

    [Test]
    public void ACallIsItsBody()
    {
        ModelFile model = new ModelFile().Input("x", 2).Output("y").Array("w", [2, 3], 2)
            .Node("pkg.a::scale", "x w", "y")
            .Function("pkg.a::scale", "a b", "c", ModelFile.MakeNode("Mul", "a b", "t"), ModelFile.MakeNode("Neg", "t", "c"));
        model.Graph.Node[0].Name = "layers.0";
        OnnxGraph graph = model.Read();
        Assert.That(graph.Nodes.Select(static n => $"{n.OpType} {n.Name}"), Is.EqualTo(new[] { "Mul layers.0/Mul", "Neg layers.0/Neg" }));
        Assert.That(graph.Parameters.Select(static p => p.Name), Is.EqualTo(new[] { "w" }));
        Assert.That(model.Run([1, 10], 1, 2), Is.EqualTo(new float[] { -2, -30 }));
    }

    [Test]
    public void TwoCallsKeepTheirInnerValuesApart()
    {
        // The graph has a value with the very name that the inner value would get.
        ModelFile model = new ModelFile().Input("x", 1).Output("y")
            .Node("Neg", "x", "scale/t").Node("pkg.a::scale", "x", "p").Node("pkg.a::scale", "scale/t", "q").Node("Sub", "p q", "y")
            .Function("pkg.a::scale", "a", "c", ModelFile.MakeNode("Exp", "a", "t"), ModelFile.MakeNode("Neg", "t", "c"));
        Assert.That(model.Run([1], 1, 1)[0], Is.EqualTo(-MathF.E + (1 / MathF.E)).Within(1e-6));
    }

    [Test]
    public void AttributesComeFromTheCallThenTheDefaultThenNowhere()
    {
        ModelFile model = new ModelFile().Input("x", 1).Output("y")
            .Node(Leaky, "x", "a", ModelFile.Number("slope", 0.5f)).Node(Leaky, "a", "y")
            .Function(Leaky, "self", "result", ModelFile.MakeNode("LeakyRelu", "self", "result", ModelFile.Reference("alpha", "slope")));
        Assert.That(model.Run([-8], 1, 1)[0], Is.EqualTo(-0.04f).Within(1e-7), "LeakyRelu's own default where the function has none");
        model.Proto.Functions[0].AttributeProto.Add(ModelFile.Number("slope", 0.25f));
        Assert.That(model.Run([-8], 1, 1)[0], Is.EqualTo(-1f));
    }

    [Test]
    public void AttributesAreHandedThroughNestedCalls()
    {
        ModelFile model = new ModelFile().Input("x", 1).Output("y")
            .Node("pkg.torch::outer", "x", "y", ModelFile.Number("o", 0.5f))
            .Function("pkg.torch::outer", "a", "b", ModelFile.MakeNode("pkg.torch::inner", "a", "b", ModelFile.Reference("i", "o")))
            .Function("pkg.torch::inner", "a", "b", ModelFile.MakeNode("LeakyRelu", "a", "b", ModelFile.Reference("alpha", "i")));
        Assert.That(model.Run([-8], 1, 1), Is.EqualTo(new float[] { -4 }));
        Assert.That(model.Read().Nodes.Single().Name, Is.EqualTo("outer/inner/LeakyRelu"));
    }

    [Test]
    public void OverloadsAndDomainsAreDifferentFunctions()
    {
        ModelFile model = new ModelFile().Input("x", 1).Output("y")
            .Node("a::f", "x", "p").Node("b::f", "p", "q").Node("a::f", "q", "y")
            .Function("a::f", "v", "w", ModelFile.MakeNode("Neg", "v", "w"))
            .Function("b::f", "v", "w", ModelFile.MakeNode("Exp", "v", "w"))
            .Function("a::f", "v", "w", ModelFile.MakeNode("Reciprocal", "v", "w"));
        model.Proto.Functions[2].Overload = "other";
        model.Graph.Node[2].Overload = "other";
        Assert.That(model.Run([1], 1, 1)[0], Is.EqualTo(MathF.E).Within(1e-6));
        model.Proto.Functions[2].Overload = "";
        Assert.That(model.Read, Throws.InstanceOf<TrakException>().With.Message.Contains("defines the function 'a::f' twice"));
    }

    [Test]
    public void InputsMayBeLeftOutAndOutputsBeInputs()
    {
        ModelFile model = new ModelFile().Input("x", 1).Output("y").Output("z")
            .Node("a::f", "x", "y - z")
            .Function("a::f", "v low", "v unused v", ModelFile.MakeNode("Clip", "v low", "unused"));
        OnnxGraph graph = model.Read();
        Assert.That(graph.Nodes.Select(static n => n.OpType), Is.EqualTo(new[] { "Identity", "Identity" }));
        Assert.That(ModelFile.Run(graph, [3], 1, 1), Is.EqualTo(new float[] { 3 }));

        ModelFile clip = new ModelFile().Input("x", 1).Output("y").Node("a::f", "x", "y")
            .Function("a::f", "v low", "w", ModelFile.MakeNode("Clip", "v low", "w"));
        Assert.That(clip.Read().Nodes.Single().Inputs, Is.EqualTo(new[] { "x", "" }));
    }

    [Test]
    public void ConstantsOfAFunctionAreConstants()
    {
        ModelFile model = new ModelFile().Input("x", 1).Output("y").Node("a::f", "x", "y")
            .Function(
                "a::f", "v", "w", ModelFile.MakeNode("Constant", "", "c", ModelFile.Number("value_float", 3)),
                ModelFile.MakeNode("Mul", "v c", "w"));
        OnnxGraph graph = model.Read();
        Assert.That(graph.Parameters, Is.Empty);
        Assert.That(ModelFile.Run(graph, [2], 1, 1), Is.EqualTo(new float[] { 6 }));
    }

    [Test]
    public void RecursionIsRefused()
    {
        ModelFile model = new ModelFile().Input("x", 1).Output("y").Node("a::f", "x", "y")
            .Function("a::f", "v", "w", ModelFile.MakeNode("a::g", "v", "w"))
            .Function("a::g", "v", "w", ModelFile.MakeNode("a::f", "v", "w"));
        Assert.That(
            model.Read, Throws.InstanceOf<TrakException>().With.Message.Contains("'f/g/f' calls the function 'a::f', which calls itself"));
    }

    [Test]
    [CancelAfter(20_000)]
    public void DoublingIsBounded([Values(true, false)] bool hollow)
    {
        ModelFile model = new ModelFile().Input("x", 1).Output("y").Node("a::f60", "x", "y");
        for (int i = 60; i > 0; i--)
            model.Function(
                $"a::f{i}", "v", "w", ModelFile.MakeNode($"a::f{i - 1}", "v", "t"), ModelFile.MakeNode($"a::f{i - 1}", "t", "w"));
        model.Function("a::f0", "v", hollow ? "v" : "w", hollow ? [] : [ModelFile.MakeNode("Neg", "v", "w")]);
        Assert.That(model.Read, Throws.InstanceOf<TrakException>().With.Message.Contains("would grow beyond 250000 nodes"));
    }

    [Test]
    [CancelAfter(20_000)]
    public void LongNamesAndLargeAttributesAreBoundedToo()
    {
        ModelFile names = new ModelFile().Input("x", 1).Output("y").Node("a::f30", "x", "y");
        for (int i = 30; i > 0; i--)
            names.Function(
                $"a::f{i}", "v", "w", ModelFile.MakeNode($"a::f{i - 1}", "v", "t"), ModelFile.MakeNode($"a::f{i - 1}", "t", "w"));
        string name = new('n', 1_000_000);
        names.Function("a::f0", "v", "w", ModelFile.MakeNode("Neg", "v", name), ModelFile.MakeNode("Neg", name, "w"));
        Assert.That(names.Read, Throws.InstanceOf<TrakException>().With.Message.Contains("would grow"));

        AttributeProto values = new() { Name = "big", Type = Kind.Floats };
        values.Floats.AddRange(new float[1_000_000]);
        ModelFile attributes = new ModelFile().Input("x", 1).Output("y").Node("a::f", "x", "y", values)
            .Function("a::f", "v", "w", [.. Enumerable.Range(0, 1000).Select(
                static i => ModelFile.MakeNode("Constant", "", $"c{i}", ModelFile.Reference("value_floats", "big", Kind.Floats)))]);
        Assert.That(attributes.Read, Throws.InstanceOf<TrakException>().With.Message.Contains("would grow"));
    }

    [Test]
    public void ADeepChainIsRefusedNotOverflowed()
    {
        ModelFile model = new ModelFile().Input("x", 1).Output("y").Node("a::f5000", "x", "y");
        for (int i = 5000; i > 0; i--) model.Function($"a::f{i}", "v", "w", ModelFile.MakeNode($"a::f{i - 1}", "v", "w"));
        model.Function("a::f0", "v", "w", ModelFile.MakeNode("Neg", "v", "w"));
        Assert.That(model.Read, Throws.InstanceOf<TrakException>().With.Message.Contains("at a depth of 200 calls"));
    }

    [Test]
    public void CallsThatDoNotFitAreRefused()
    {
        ModelFile model = new ModelFile().Input("x", 1).Output("y").Node("a::f", "x x", "y")
            .Function("a::f", "v", "w", ModelFile.MakeNode("Neg", "v", "w"));
        Assert.That(model.Read, Throws.InstanceOf<TrakException>().With.Message.Contains("with 2 inputs and 1 outputs; it has 1 and 1"));
        model.Graph.Node[0].Input.RemoveAt(1);
        model.Proto.Functions[0].OpsetImport.Add(new OperatorSetIdProto { Version = 17 });
        Assert.That(
            model.Read, Throws.InstanceOf<TrakException>().With.Message.Contains("uses version 17").And.Message.Contains("model uses 18"));
        model.Proto.Functions[0].OpsetImport[0].Version = 18;
        model.Proto.Functions[0].OpsetImport.Add(new OperatorSetIdProto { Domain = "pkg.onnxscript.torch_lib.common", Version = 1 });
        Assert.That(model.Read, Throws.Nothing);
    }

    [Test]
    public void ABodyThatReadsWhatNobodyMakesIsRefusedByName()
    {
        ModelFile model = new ModelFile().Input("x", 1).Output("y").Node("a::f", "x", "y")
            .Function("a::f", "v", "w", ModelFile.MakeNode("Add", "v nobody", "w"));
        Assert.That(model.Read, Throws.InstanceOf<TrakException>().With.Message.Contains("'f/nobody'"));
    }
}
