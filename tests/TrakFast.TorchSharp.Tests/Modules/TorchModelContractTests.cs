using TrakFast.Kernels;
using TrakFast.Onnx;

namespace TrakFast.TorchSharp.Tests;

/// <summary>What every engine promises, by the fixtures' models as modules.</summary>
[TestFixture]
internal sealed class TorchModelContractTests : EngineContract
{
    protected override double BatchTolerance => 1e-5;

    protected override IModel Open(Fixture fixture, int threads)
    {
        TorchLibrary.Require();
        string name = Path.GetFileName(Path.GetDirectoryName(fixture.Model)!);
        TorchModel model = new(FixtureModules.Of(name), fixture.Inputs, FixtureModules.Outputs(name));

        // A module starts with random weights; a graph with those of its file.
        model.Load(fixture.Checkpoint(0));
        return model;
    }

    [Test]
    public void FeaturesAreThoseOfTheManagedEngine([Values("mlp", "cnn", "bert", "clip")] string name)
    {
        Fixture fixture = new(name);
        using IModel torch = Open(fixture, 1), managed = OnnxModel.Load(fixture.Model);
        managed.Load(fixture.Checkpoint(0));
        Assert.That(Close.RelativeError(Features(torch, fixture), Features(managed, fixture)), Is.LessThan(1e-5));
    }

    private static unsafe float[] Features(IModel model, Fixture fixture)
    {
        const int K = 512;
        Batch batch = fixture.Batch("train");
        float[] features = new float[batch.Size * K];
        using CpuBackend backend = new(new Workers(2));
        using ModelResult result = model.Forward(batch);
        ParameterSelection all = ParameterSelection.All(model.Parameters);
        fixed (float* pointer = features)
            model.Backward(
                fixture.Task(model, overBatch: false).GetOutput(result, batch), all,
                new Sink(backend, MemoryView.Of(pointer, features.Length)));
        return features;
    }

    private sealed class Sink(CpuBackend backend, MemoryView features) : IGradientSink
    {
        public void Accept(GradientBlock block) => backend.Project(new Projection(ProjectionKind.Sjlt, 512, 3, 0, 4), block, features);
    }
}
