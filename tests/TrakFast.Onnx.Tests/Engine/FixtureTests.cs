namespace TrakFast.Onnx.Tests;

/// <summary>The managed engine against what PyTorch computed in float64.</summary>
internal sealed class FixtureTests
{
    private const double Tolerance = 1e-5;

    [Test]
    public void ParametersStandInTheStateDictsOrder([Values("mlp", "cnn")] string name)
    {
        Fixture fixture = new(name);
        using OnnxModel model = OnnxModel.Load(fixture.Model);
        Assert.That(model.Parameters.Select(static p => p.Name), Is.EqualTo(fixture.ParameterNames));
        Assert.That(model.Parameters.Select(static p => p.Shape), Is.EqualTo(fixture.ParameterShapes));
        Assert.That(ParameterSelection.All(model.Parameters).Length, Is.EqualTo(fixture.GradientDimension));
        Assert.That(model.Inputs, Is.EqualTo(fixture.Inputs));
    }

    [Test]
    public void OutputsAndGradientsAreTheExpectedOnes([Values("mlp", "cnn")] string name, [Values(0, 1)] int id, [Values("train", "target")] string split)
    {
        Fixture fixture = new(name);
        using OnnxModel model = OnnxModel.Load(fixture.Model);
        model.Load(fixture.Checkpoint(id));
        Batch batch = fixture.Batch(split);
        ImageClassification task = new();
        using ModelResult result = model.Forward(batch);
        Variable f = task.GetOutput(result, batch);
        ParameterSelection all = ParameterSelection.All(model.Parameters);
        DenseSink sink = new(batch.Size, all.Length);
        model.Backward(f, all, sink);
        using (Assert.EnterMultipleScope())
        {
            Check("logits", result.First.ToArray());
            Check("outputs", f.ToArray());
            Check("out_to_loss", task.GetOutToLossGradient(result, batch).ToArray());
            Check("gradients", sink.Gradients);
        }

        void Check(string what, float[] actual)
        {
            if (fixture.Has(id, split, what))
                Assert.That(Close.RelativeError(actual, fixture.Expected(id, split, what)), Is.LessThan(Tolerance), what);
        }
    }
}
