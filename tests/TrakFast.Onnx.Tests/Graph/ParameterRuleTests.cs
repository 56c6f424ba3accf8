using TrakFast.Onnx.Proto;

namespace TrakFast.Onnx.Tests;

/// <summary>Arrays that the model trains are parameters; arrays that the exporter needed are not.</summary>
internal sealed class ParameterRuleTests
{
    [TestCase("onnx::MatMul_123", true)]
    [TestCase("onnx::Add_7", true)]
    [TestCase("/layers.0/Constant_output_0", true)]
    [TestCase("123", true)]
    [TestCase("val_12", true)]
    [TestCase("_val_3", true)]
    [TestCase("_to_copy_1", true)]
    [TestCase("_to_copy", true)]
    [TestCase("scalar_tensor_default_3", true)]
    [TestCase("scalar_tensor_default", true)]
    [TestCase("mul_tensor", true)]
    [TestCase("arange_1", true)]
    [TestCase("arange", true)]
    [TestCase("lifted_tensor_0", true)]
    [TestCase("_tensor_constant0", true)]
    [TestCase("fc.weight", false)]
    [TestCase("0.weight", false)]
    [TestCase("layers.arange_1", false)]
    [TestCase("logit_scale", false)]
    [TestCase("weight", false)]
    [TestCase("bias_1", false)]
    [TestCase("w_1", false)]
    [TestCase("b1", false)]
    [TestCase("gamma", false)]
    [TestCase("sub", false)]
    [TestCase("mean", false)]
    [TestCase("exp1", false)]
    public void ExportersNamesAreTold(string name, bool generated) => Assert.That(GeneratedNames.Contains(name), Is.EqualTo(generated));

    [Test]
    public void AMadeUpNameIsAWeightWhereALayerReadsIt()
    {
        Parameters(["onnx::MatMul_1"], "MatMul", "x onnx::MatMul_1", ("onnx::MatMul_1", [2, 3]));
        Parameters(["val_3"], "Gemm", "x val_3", ("val_3", [2, 3]));
        Parameters(
            ["onnx::Conv_1", "onnx::Conv_2"], "Conv", "x onnx::Conv_1 onnx::Conv_2", ("onnx::Conv_1", [1, 1, 2]), ("onnx::Conv_2", [1]));
        Parameters(["12", "13"], "LayerNormalization", "x 12 13", ("12", [2]), ("13", [2]));
        Parameters(["val_0"], "PRelu", "x val_0", ("val_0", [2]));
        Parameters(["val_0"], "Gather", "val_0 x", ("val_0", [4, 2]));
    }

    [Test]
    public void AMadeUpNameIsAConstantElsewhere(
        [Values("Add", "Mul", "Sub", "Div", "Max")] string type,
        [Values("/a/Constant_output_0", "val_1", "17", "scalar_tensor_default_3", "onnx::Op_1")] string name)
    {
        Parameters([], type, $"x {name}", (name, [2]));
        Parameters(["own"], type, "x own", ("own", [2]));
    }

    [Test]
    public void WhatTheExporterWorkedOutOfWeightsIsAParameterUnlessItIsOneNumber()
    {
        // A table of relative positions that was looked up while exporting.
        Assert.That(Names(Added([1, 2])), Is.EqualTo(new[] { "onnx::Add_1" }));
        Assert.That(Names(Added([0, 0])), Is.Empty);

        static ModelFile Added(float[] values) =>
            new ModelFile().Input("x", 2).Output("y").Array("onnx::Add_1", values, 1, 2).Node("Add", "x onnx::Add_1", "y");
    }

    [Test]
    public void ATurnedWeightIsAWeight()
    {
        ModelFile model = new ModelFile().Input("x", 2).Output("y").Array("val_1", new float[6], 3, 2)
            .Node("Transpose", "val_1", "t").Node("Identity", "t", "u").Node("MatMul", "x u", "y");
        Assert.That(Names(model), Is.EqualTo(new[] { "val_1" }));
        ModelFile constant = new ModelFile().Input("x", 2).Output("y").Array("val_1", new float[2], 2).Node("Reshape", "val_1 shape", "t")
            .Node("Add", "x t", "y");
        TensorProto shape = new() { Name = "shape", DataType = 7, Int64Data = { 1, 2 } };
        shape.Dims.Add(2);
        constant.Graph.Initializer.Add(shape);
        Assert.That(Names(constant), Is.Empty);
    }

    [Test]
    public void TheVectorBehindAProductIsABias()
    {
        Assert.That(Names(Linear([3])), Is.EqualTo(new[] { "onnx::MatMul_1", "onnx::Add_2" }));
        Assert.That(Names(Linear([1, 3])), Is.EqualTo(new[] { "onnx::MatMul_1" }));
        Assert.That(Names(Linear([])), Is.EqualTo(new[] { "onnx::MatMul_1" }));

        // Scores of an attention with a mask: no stored matrix.
        ModelFile mask = new ModelFile().Input("x", 2, 2).Output("y").Array("onnx::Add_2", new float[2], 2).Node("MatMul", "x x", "s")
            .Node("Add", "s onnx::Add_2", "y");
        Assert.That(Names(mask), Is.Empty);

        static ModelFile Linear(long[] bias) => new ModelFile().Input("x", 2).Output("y").Array("onnx::MatMul_1", new float[6], 2, 3)
            .Array("onnx::Add_2", new float[Shapes.Count(bias)], bias).Node("MatMul", "x onnx::MatMul_1", "p")
            .Node("Add", "onnx::Add_2 p", "y");
    }

    [Test]
    public void OnesAndZerosFillInForANormalizationWithoutWeights()
    {
        Assert.That(Names(Normalization(1, 0)), Is.Empty);
        Assert.That(Names(Normalization(2, 3)), Is.EqualTo(new[] { "val_1", "val_2" }));

        static ModelFile Normalization(float scale, float shift) =>
            new ModelFile().Input("x", 2).Output("y").Array("val_1", [scale, scale], 2).Array("val_2", [shift, shift], 2)
                .Node("LayerNormalization", "x val_1 val_2", "y");
    }

    [Test]
    public void WhatTheExporterSaysHolds()
    {
        ModelFile model = new ModelFile().Input("x", 2).Output("y").Array("pe", [1, 2], 2).Array("mul_1", [1, 2], 2).Array("w", [1, 2], 2)
            .Node("Add", "x pe", "a").Node("Mul", "a mul_1", "b").Node("Add", "b w", "y");
        Assert.That(Names(model), Is.EqualTo(new[] { "pe", "w" }));
        Say("pe", "BUFFER");
        Say("mul_1", "PARAMETER");
        OnnxGraph graph = model.Read();
        Assert.That(graph.Parameters.Select(static p => p.Name), Is.EqualTo(new[] { "mul_1", "w" }));

        using MemoryStream stream = new();
        OnnxFile.Write(graph, stream);
        stream.Position = 0;
        Assert.That(OnnxFile.Read(stream, "again.onnx").Parameters.Select(static p => p.Name), Is.EqualTo(new[] { "mul_1", "w" }));

        void Say(string name, string kind)
        {
            ValueInfoProto value = new() { Name = name };
            value.MetadataProps.Add(new StringStringEntryProto { Key = GraphReader.InputKind, Value = kind });
            model.Graph.ValueInfo.Add(value);
        }
    }

    [Test]
    public void AScalarOfTheModelIsAParameter() => Parameters(["logit_scale"], "Mul", "x logit_scale", ("logit_scale", []));

    [Test]
    public void ACheckpointNeedNotKnowConstants()
    {
        ModelFile model = new ModelFile().Input("x", 2).Output("y").Array("w", [1, 2], 2).Array("onnx::Add_3", [5, 5], 2)
            .Node("Mul", "x w", "p").Node("Add", "p onnx::Add_3", "y");
        using OnnxModel run = new(model.Read());
        run.Load(new Checkpoint("state", new Dictionary<string, DataArray> { ["w"] = DataArray.From([10f, 20], 2) }));
        using ModelResult result = run.Forward(new Batch(("x", DataArray.From([1f, 1], 1, 2))));
        Assert.That(result.First.ToArray(), Is.EqualTo(new float[] { 15, 25 }));

        // It may have been made of a weight that the checkpoint still holds.
        Dictionary<string, DataArray> tensors = new() { ["w"] = DataArray.From([10f, 20], 2), ["table"] = DataArray.From([1f, 2], 2) };
        Assert.That(
            () => run.Load(new Checkpoint("state", tensors)),
            Throws.InstanceOf<TrakException>().With.Message.Contains("table [2]").And.Message.Contains("onnx::Add_3")
                .And.Message.Contains("without constant folding"));
    }

    private static void Parameters(string[] expected, string type, string inputs, params (string Name, long[] Shape)[] arrays)
    {
        ModelFile model = new ModelFile().Input("x", 2).Output("y").Node(type, inputs, "y");
        foreach ((string name, long[] shape) in arrays) model.Array(name, [.. Enumerable.Repeat(2f, (int)Shapes.Count(shape))], shape);
        Assert.That(Names(model), Is.EqualTo(expected), $"{type} {inputs}");
    }

    private static IEnumerable<string> Names(ModelFile model) => model.Read().Parameters.Select(static p => p.Name);
}
