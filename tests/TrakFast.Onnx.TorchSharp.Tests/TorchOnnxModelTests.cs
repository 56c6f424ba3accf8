using TrakFast.Kernels;
using TrakFast.Onnx;

namespace TrakFast.TorchSharp.Tests;

/// <summary>The engine in torch beside the managed one: the same features, blocks and weights.</summary>
internal sealed class TorchOnnxModelTests
{
    private const int Dimension = 512;

    [Test]
    public void FeaturesAreTheManagedEngines([Values("mlp", "cnn", "bert", "clip")] string name)
    {
        Fixture fixture = new(name);
        using CpuBackend backend = new(new Workers(2));
        using IModel managed = OnnxModel.Load(fixture.Model), torch = TorchOnnxModel.Load(fixture.Model);
        float[] expected = Features(managed), actual = Features(torch);
        Assert.That(expected, Has.Some.Not.Zero);
        Assert.That(Close.RelativeError(actual, expected), Is.LessThan(1e-5));

        float[] Features(IModel model)
        {
            model.Load(fixture.Checkpoint(0));
            Batch batch = fixture.Batch("train");
            using ModelResult result = model.Forward(batch);
            using IBackendBuffer features = backend.Allocate(ElementType.Float32, (long)batch.Size * Dimension);
            backend.Clear(features.View);
            model.Backward(
                fixture.Task(model, overBatch: true).GetOutput(result, batch),
                ParameterSelection.All(model.Parameters),
                new Projecting(backend, new Projection(ProjectionKind.Sjlt, Dimension, Seed: 7, ModelId: 0), features.View));
            return HostFloats(features.View);
        }
    }

    [Test]
    public void FactorsComeForTheSameParametersAsTheManagedEngines([Values("mlp", "cnn", "bert", "clip")] string name)
    {
        Fixture fixture = new(name);
        using IModel managed = OnnxModel.Load(fixture.Model), torch = TorchOnnxModel.Load(fixture.Model);
        string[] expected = Factors(managed), actual = Factors(torch);
        Assert.That(actual, Is.EquivalentTo(expected).And.Not.Empty);

        string[] Factors(IModel model)
        {
            Batch batch = fixture.Batch("target").Rows(0, 3);
            using ModelResult result = model.Forward(batch);
            Shapes sink = new();
            model.Backward(result.First.Reshape(3, -1).Sum(1), ParameterSelection.All(model.Parameters), sink);
            return [.. sink.Factors];
        }
    }

    [Test]
    public void WeightHashesAreTheManagedEngines([Values("mlp", "cnn", "bert", "clip")] string name)
    {
        Fixture fixture = new(name);
        using IModel managed = OnnxModel.Load(fixture.Model), torch = TorchOnnxModel.Load(fixture.Model);
        Assert.That(torch.WeightHash, Is.EqualTo(managed.WeightHash));
        managed.Load(fixture.Checkpoint(1));
        torch.Load(fixture.Checkpoint(1));
        Assert.That(torch.WeightHash, Is.EqualTo(managed.WeightHash));
    }

    [TestCase(ElementType.BFloat16, "mlp", 0.05)]
    [TestCase(ElementType.BFloat16, "cnn", 0.05)]
    [TestCase(ElementType.BFloat16, "bert", 0.1)]
    [TestCase(ElementType.Float16, "mlp", 0.005)]
    [TestCase(ElementType.Float16, "cnn", 0.01)]
    [TestCase(ElementType.Float16, "bert", 0.02)]
    public void LowerPrecisionIsNearAndHandsOutFloat32(ElementType precision, string name, double tolerance)
    {
        Fixture fixture = new(name);
        using IModel full = TorchOnnxModel.Load(fixture.Model),
            low = TorchOnnxModel.Load(fixture.Model, new TorchOptions { Precision = precision });
        (float[] expected, float[] expectedGradients) = Run(full);
        (float[] actual, float[] gradients) = Run(low);
        Assert.That(Close.RelativeError(actual, expected), Is.LessThan(tolerance).And.GreaterThan(1e-6));
        Assert.That(Close.RelativeError(gradients, expectedGradients), Is.LessThan(tolerance).And.GreaterThan(1e-6));

        (float[] Outputs, float[] Gradients) Run(IModel model)
        {
            model.Load(fixture.Checkpoint(0));
            Batch batch = fixture.Batch("target");
            using ModelResult result = model.Forward(batch);
            ParameterSelection all = ParameterSelection.All(model.Parameters);
            DenseSink sink = new(batch.Size, all.Length);
            model.Backward(result.First.Reshape(batch.Size, -1).Sum(1), all, sink);
            return (result.First.ToArray(), sink.Gradients);
        }
    }

    // Smaller ones are worked out when the graph is compiled.
    [Test]
    public void ConstantsTooLargeToBeKeptAreMadeInThePass()
    {
        const long Size = 5_800;
        TestGraph graph = new();
        string ones = graph.Node("ConstantOfShape", [graph.Integers("sizes", Size, Size)], ("value", DataArray.From([0.5f], 1)));
        string sum = graph.Node("ReduceSum", [graph.Node("Mul", [ones, graph.Node("EyeLike", [ones], ("k", 3))])], ("keepdims", 0));
        string y = graph.Node("Mul", [graph.Input("x", null, 2), sum]);
        using IModel model = new TorchOnnxModel(graph.Build(y));
        using ModelResult result = model.Forward(new Batch(("x", DataArray.From([1f, 2], 1, 2))));
        Assert.That(result.First.ToArray(), Is.EqualTo(new[] { 0.5f * (Size - 3), Size - 3 }));
    }

    // Attention masks hold the least float32 there is, which halves do not have.
    [Test]
    public void MasksStayFiniteInLowerPrecision(
        [Values(ElementType.BFloat16, ElementType.Float16)] ElementType precision,
        [Values("hf_bert_eager-17", "hf_gpt2_lm_eager-17")] string name)
    {
        string folder = Path.Combine(FixtureFolder.Path, "networks", name);
        Checkpoint arrays = SafetensorsFile.Read(Path.Combine(folder, "case.safetensors"));
        using IModel model = TorchOnnxModel.Load(Path.Combine(folder, "model.onnx"), new TorchOptions { Precision = precision });
        using ModelResult result = model.Forward(
            new Batch(model.Inputs.Select(i => KeyValuePair.Create(i, arrays.Tensors[$"inputs/{i}"]))));
        Assert.That(Close.RelativeError(result.First.ToArray(), arrays.Tensors[$"outputs/{result.Names[0]}"].ToFloats()), Is.LessThan(0.1));
    }

    [Test]
    public void OptionsThatCannotBeMetAreRefused()
    {
        Fixture fixture = new("mlp");
        Assert.That(
            () => TorchOnnxModel.Load(fixture.Model, new TorchOptions { Precision = ElementType.Int8 }),
            Throws.InstanceOf<TrakException>().With.Message.Contains("Int8"));
        Assert.That(
            () => TorchOnnxModel.Load(fixture.Model, new TorchOptions { Device = "tpu" }),
            Throws.InstanceOf<TrakException>().With.Message.Contains("'tpu'"));
        using IModel model = TorchOnnxModel.Load(fixture.Model);
        Assert.That((model.Engine, model.BlockSpace), Is.EqualTo(("torch", MemorySpace.Host)));
    }

    private static unsafe float[] HostFloats(MemoryView view) => new Span<float>(view.Floats, (int)view.Length).ToArray();

    private sealed class Projecting(CpuBackend backend, Projection projection, MemoryView features) : IGradientSink
    {
        public void Accept(GradientBlock block) => backend.Project(projection, block, features);
    }

    // What a block of factors says beside its numbers.
    private sealed class Shapes : IGradientSink
    {
        public List<string> Factors { get; } = [];

        public void Accept(GradientBlock block)
        {
            string? text = block switch
            {
                OuterProductBlock o => $"{o.Offset}: {o.Rows} by {o.Columns}, {o.RowStride} apart, {o.Positions} positions",
                ConvolutionBlock c =>
                    $"{c.Offset}: {c.Geometry.OutputChannels} of {c.Geometry.InputChannels} channels, "
                    + $"{c.Geometry.OutputSize} of {c.Geometry.InputSize} positions",
                RowsBlock r => $"{r.Offset}: {r.Positions} rows of {r.RowLength}",
                _ => null,
            };
            if (text is not null) Factors.Add(text);
        }
    }
}
