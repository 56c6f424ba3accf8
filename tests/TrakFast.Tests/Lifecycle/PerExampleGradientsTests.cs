using TrakFast.Kernels;
using TrakFast.Tests.Support;

namespace TrakFast.Tests.Lifecycle;

/// <summary>The gradients themselves, against the float64 references of the conformance cases.</summary>
public sealed class PerExampleGradientsTests
{
    [TestCase("mlp", 7)]
    [TestCase("cnn", 80)]
    [TestCase("bert", 5)]
    [TestCase("clip", 64)]
    public async Task GradientsOfAStreamAreTheExpectedOnes(string name, int batchSize)
    {
        using ConformanceCase fixture = new(name, threads: 2);
        fixture.Model.Load(fixture.Checkpoints[0]);
        using PerExampleGradients gradients = new(fixture.Model, fixture.Task());
        float[] expected = fixture.Expected("_0.train.gradients"), outputs = fixture.Expected("_0.train.outputs");
        int p = gradients.GradientDimension;
        Assert.That((long)p * fixture.Train.Size, Is.EqualTo(expected.Length));
        List<float> values = [], f = [];
        await foreach (ExampleGradients some in gradients.StreamAsync(fixture.Train.Cut(batchSize).ToAsyncEnumerable()))
        {
            Assert.That(
                (some.First, some.Size, some.Values.Length), Is.EqualTo(((long)f.Count, some.Outputs.Length, some.Outputs.Length * p)));
            values.AddRange(some.Values.Span);
            f.AddRange(some.Outputs.Span);
        }

        Assert.That(Fixtures.RelativeError([.. values], expected), Is.LessThan(1e-5));
        Assert.That(Fixtures.RelativeError([.. f], outputs), Is.LessThan(1e-5));
    }

    [Test]
    public void ParametersSayWhereTheirGradientsLie()
    {
        using ConformanceCase fixture = new("mlp");
        using PerExampleGradients all = new(fixture.Model, fixture.Task()), some = new(fixture.Model, fixture.Task(), ["fc2.*"]);
        ExampleGradients whole = all.Compute(fixture.Targets), part = some.Compute(fixture.Targets);
        Assert.That(some.Parameters.Select(static p => (p.Name, p.Offset)), Is.EqualTo(new[] { ("fc2.weight", 0L), ("fc2.bias", 320L) }));
        foreach (ModelParameter parameter in some.Parameters)
        {
            ModelParameter same = all.Parameters.Single(p => p.Name == parameter.Name);
            Assert.That(part.Of(3, parameter).SequenceEqual(whole.Of(3, same)), Is.True, parameter.Name);
            Assert.That(part.Of(3, parameter).Length, Is.EqualTo(parameter.Length));
        }
    }

    [Test]
    public void NothingWrongPassesInSilence()
    {
        using ConformanceCase fixture = new("mlp");
        PerExampleGradients gradients = new(fixture.Model, fixture.Task());
        DataArray label = fixture.Targets["label"];
        float[] pixels = fixture.Targets["image"].ToFloats();
        pixels[^1] = float.NaN;
        Batch bad = new(("image", DataArray.From(pixels, [.. fixture.Targets["image"].Shape])), ("label", label));
        Assert.That(() => gradients.Compute(bad), Throws.InstanceOf<InputException>().With.Message.Contains("NaN"));
        Assert.That(
            () => new PerExampleGradients(fixture.Model, fixture.Task(), ["fc9.*"]),
            Throws.InstanceOf<TrakException>().With.Message.Contains("fc9"));
        long before = NativeBuffers.Alive;
        gradients.Dispose();
        gradients.Dispose();
        Assert.That(NativeBuffers.Alive, Is.LessThanOrEqualTo(before));
        Assert.That(() => gradients.Compute(fixture.Targets), Throws.InstanceOf<ObjectDisposedException>());
    }
}
