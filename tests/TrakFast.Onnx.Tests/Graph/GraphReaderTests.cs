using TrakFast.Kernels;
using TrakFast.Onnx.Proto;
using DataType = TrakFast.Onnx.Proto.TensorProto.Types.DataType;
using Kind = TrakFast.Onnx.Proto.AttributeProto.Types.AttributeType;

namespace TrakFast.Onnx.Tests;

/// <summary>What a file may hold beside the network, and what is refused only where the network needs it.</summary>
internal sealed class GraphReaderTests
{
    [Test]
    public void WhatNoOutputNeedsIsLeftOut()
    {
        ModelFile model = new ModelFile().Input("x", 2).Input("unused", DataType.String, 3).Output("y").Array("w", [1, 2], 2)
            .Array("dead.weight", [5], 1)
            .Node("Mul", "x w", "y").Node("com.microsoft::Twist", "x dead.weight", "t").Node("If", "t", "u").Node("Neg", "nobody", "v");
        TensorProto text = new() { Name = "labels", DataType = (int)DataType.String };
        text.Dims.Add(2);
        model.Graph.Initializer.Add(text);
        model.Graph.SparseInitializer.Add(new SparseTensorProto { Values = new TensorProto { Name = "sparse" } });
        OnnxGraph graph = model.Read();
        Assert.That(graph.Nodes.Single().OpType, Is.EqualTo("Mul"));
        Assert.That(graph.Inputs.Select(static i => i.Name), Is.EqualTo(new[] { "x" }));
        Assert.That(graph.Parameters.Select(static p => p.Name), Is.EqualTo(new[] { "w" }));
        Assert.That(
            graph.Initializers.Select(static i => i.Name), Is.EqualTo(new[] { "w", "dead.weight" }),
            "a checkpoint may bring a weight that nothing reads");
        Assert.That(model.Run([1, 1], 1, 2), Is.EqualTo(new float[] { 1, 2 }));

        using OnnxModel run = new(graph);
        Dictionary<string, DataArray> tensors = new() { ["w"] = DataArray.From([1f, 2], 2), ["dead.weight"] = DataArray.From([1f], 1) };
        Assert.That(() => run.Load(new Checkpoint("state", tensors)), Throws.Nothing);
    }

    [Test]
    public void WhatAnOutputNeedsIsRefusedByName()
    {
        Refused("'t' has the element type Float8E4M3Fn", static t => t.DataType = (int)DataType.Float8E4M3Fn);
        Refused("'t' has the element type Complex64", static t => t.DataType = (int)DataType.Complex64);
        Refused("'t' has the element type Int4", static t => t.DataType = (int)DataType.Int4);
        Refused("'t' has the element type String", static t => t.DataType = (int)DataType.String);

        ModelFile sparse = new ModelFile().Input("x", 2).Output("y").Node("Mul", "x s", "y");
        sparse.Graph.SparseInitializer.Add(new SparseTensorProto { Values = new TensorProto { Name = "s" } });
        Assert.That(sparse.Read, Throws.InstanceOf<TrakException>().With.Message.Contains("'s' as a sparse array"));

        static void Refused(string message, Action<TensorProto> change)
        {
            ModelFile model = new ModelFile().Input("x", 2).Output("y").Array("t", [1, 2], 2).Node("Mul", "x t", "y");
            change(model.Graph.Initializer[0]);
            Assert.That(model.Read, Throws.InstanceOf<TrakException>().With.Message.Contains(message));
        }
    }

    [Test]
    public void ControlFlowIsRefusedByName([Values("If", "Loop", "Scan")] string type, [Values(false, true)] bool inFunction)
    {
        AttributeProto branch = new() { Name = "then_branch", Type = Kind.Graph };
        NodeProto node = ModelFile.MakeNode(type, "v", "w", branch);
        node.Name = "choice";
        ModelFile model = new ModelFile().Input("v", 1).Output("w");
        if (inFunction) model.Node("a::f", "v", "w").Function("a::f", "v", "w", node);
        else model.Graph.Node.Add(node);
        Assert.That(model.Read, Throws.InstanceOf<TrakException>().With.Message
            .Contains($"{type} node '{(inFunction ? "f/" : "")}choice' chooses at run time").And.Message.Contains(
                "export the model without control flow"));
    }

    [Test]
    public void StoredInputsAreWeights()
    {
        // As files before IR version 4 have them.
        ModelFile model = new ModelFile().Input("x", 2).Input("w", 2).Output("y").Array("w", [1, 2], 2).Node("Mul", "x w", "y");
        OnnxGraph graph = model.Read();
        Assert.That(graph.Inputs.Select(static i => i.Name), Is.EqualTo(new[] { "x" }));
        Assert.That(graph.Parameters.Select(static p => p.Name), Is.EqualTo(new[] { "w" }));
    }

    [Test]
    public void AStoredArrayMayBeAnOutput()
    {
        ModelFile model = new ModelFile().Input("x", 2).Output("y").Output("scale").Array("scale", [3], 1).Node("Mul", "x scale", "y");
        using OnnxModel run = new(model.Read());
        using ModelResult result = run.Forward(new Batch(("x", DataArray.From([1f, 2], 1, 2))));
        Assert.That(result["scale"].ToArray(), Is.EqualTo(new float[] { 3 }));
    }

    [Test]
    public void EveryKindOfConstantIsRead()
    {
        AttributeProto tensor = new() { Name = "value", Type = Kind.Tensor, T = ModelFile.Tensor("", [5], 1) };
        AttributeProto floats = new() { Name = "value_floats", Type = Kind.Floats, Floats = { 1, 2 } };
        AttributeProto ints = new() { Name = "value_ints", Type = Kind.Ints, Ints = { -1, 2 } };
        ModelFile model = new ModelFile().Input("x", 2).Output("y")
            .Node("Constant", "", "t", tensor).Node("Constant", "", "fs", floats)
            .Node("Constant", "", "f", ModelFile.Number("value_float", 7))
            .Node("Constant", "", "is", ints).Node("Constant", "", "i", ModelFile.Integer("value_int", 1))
            .Node("Mul", "x fs", "a").Node("Add", "a t", "b").Node("Add", "b f", "c").Node("Reshape", "c is", "d")
            .Node("Gather", "d i", "y", ModelFile.Integer("axis", 1));
        Assert.That(model.Run([1, 10], 1, 2), Is.EqualTo(new float[] { 32 }));

        ModelFile text = new ModelFile().Input("x", 2).Output("y")
            .Node("Constant", "", "s", new AttributeProto { Name = "value_string", Type = Kind.String }).Node("Mul", "x s", "y");
        Assert.That(
            text.Read,
            Throws.InstanceOf<TrakException>().With.Message.Contains("Constant node 's' holds a value of a kind that is not supported"));
    }

    [Test]
    public void NarrowIntegersAreConverted()
    {
        ModelFile model = new ModelFile().Input("x", 2).Output("y").Node("Gather", "x rows", "y", ModelFile.Integer("axis", 1));
        TensorProto rows = new() { Name = "rows", DataType = (int)DataType.Uint32, Uint64Data = { 1 } };
        rows.Dims.Add(1);
        model.Graph.Initializer.Add(rows);
        Assert.That(model.Read().Initializers.Single().Values.Type, Is.EqualTo(ElementType.Int64));
        Assert.That(model.Run([3, 4], 1, 2), Is.EqualTo(new float[] { 4 }));
    }

    [Test]
    public void NamesMadeTwiceOrMissingAreRefused()
    {
        Assert.That(
            new ModelFile().Input("x", 1).Output("y").Array("w", [1], 1).Array("w", [1], 1).Node("Mul", "x w", "y").Read,
            Throws.InstanceOf<TrakException>().With.Message.Contains("'w' twice"));
        Assert.That(
            new ModelFile().Input("x", 1).Output("y").Node("Neg", "x", "y").Node("Exp", "x", "y").Read,
            Throws.InstanceOf<TrakException>().With.Message.Contains("'y' twice"));
        Assert.That(new ModelFile().Input("x", 1).Output("").Node("Neg", "x", "y").Read, Throws.InstanceOf<TrakException>());
        Assert.That(
            new ModelFile().Input("x", 1).Node("Neg", "x", "y").Read,
            Throws.InstanceOf<TrakException>().With.Message.Contains("has no output"));

        // Names of nodes are for errors alone.
        ModelFile same = new ModelFile().Input("x", 1).Output("y").Node("Neg", "x", "a").Node("Neg", "a", "y");
        foreach (NodeProto node in same.Graph.Node) node.Name = "n";
        Assert.That(same.Run([2], 1, 1), Is.EqualTo(new float[] { 2 }));
    }

    [Test]
    public void OperatorSetsOfOtherDomainsMatterOnlyWithTheirNodes(
        [Values("ai.onnx.ml", "com.microsoft", "pkg.onnxscript.torch_lib")] string domain)
    {
        ModelFile model = new ModelFile().Input("x", 1).Output("y").Node("ai.onnx::Neg", "x", "y");
        model.Proto.OpsetImport.Add(new OperatorSetIdProto { Domain = domain, Version = 1 });
        model.Proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "ai.onnx", Version = 18 });
        Assert.That(model.Run([2], 1, 1), Is.EqualTo(new float[] { -2 }));
        model.Graph.Node[0].Domain = domain;
        Assert.That(() => new OnnxModel(model.Read()), Throws.InstanceOf<TrakException>().With.Message.Contains($"{domain}::Neg"));
    }

    [Test]
    public void OperatorSetsUpTo23AreRead()
    {
        Assert.That(new ModelFile(23).Input("x", 1).Output("y").Node("Neg", "x", "y").Read().Opset, Is.EqualTo(23));
        Assert.That(
            new ModelFile(24).Input("x", 1).Output("y").Node("Neg", "x", "y").Read,
            Throws.InstanceOf<TrakException>().With.Message.Contains("version 24").And.Message.Contains("11 to 23"));
        ModelFile two = new(18);
        two.Proto.OpsetImport.Add(new OperatorSetIdProto { Version = 17 });
        Assert.That(two.Read, Throws.InstanceOf<TrakException>().With.Message.Contains("names 2 versions"));
    }

    [Test]
    public void AnAttributeOfAFunctionMeansNothingOutsideOne()
    {
        using OnnxModel model = new(
            new ModelFile().Input("x", 1).Output("y").Node("LeakyRelu", "x", "y", ModelFile.Reference("alpha", "slope")).Read());
        Assert.That(
            () => model.Forward(new Batch(("x", DataArray.From([1f], 1, 1)))),
            Throws.InstanceOf<TrakException>().With.Message.Contains("'alpha'"));
    }
}
