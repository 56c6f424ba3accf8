using Tensor = TorchSharp.torch.Tensor;

namespace TrakFast.TorchSharp.Tests;

/// <summary>Passes of a model in torch: what they hold, when they end, and what a backward pass refuses.</summary>
internal sealed class TorchOnnxPassTests
{
    private const double Tolerance = 1e-6;

    [Test]
    public void NothingIsLeftAlive([Values("cnn", "bert")] string name)
    {
        Fixture fixture = new(name);
        TorchLibrary.Require();
        long before = Settled();
        using (TorchOnnxModel model = TorchOnnxModel.Load(fixture.Model))
        {
            model.Load(fixture.Checkpoint(0));
            ModelOutput task = fixture.Task(model, overBatch: true);
            Batch all = fixture.Batch("train");
            long afterOne = 0;
            for (int i = 0; i < 200; i++)
            {
                Gradients(model, task, all.Rows(i % all.Size, Math.Min(1 + (i % 3), all.Size - (i % all.Size))));
                if (i == 0) afterOne = Tensor.TotalCount;
            }

            Assert.That(
                Tensor.TotalCount, Is.EqualTo(afterOne), "a batch leaves nothing but the weights and constants, which stay for the next");
            Assert.That(
                () => model.Forward(new Batch((fixture.Inputs[0], DataArray.From(new float[4], 2, 2)))),
                Throws.InstanceOf<TrakException>());
            Assert.That(Tensor.TotalCount, Is.EqualTo(afterOne), "a batch that is refused");
        }

        Assert.That(Settled(), Is.EqualTo(before));
    }

    [Test]
    public void PassesThatOverlapEndInAnyOrder([Values(0, 1)] int first)
    {
        Fixture fixture = new("cnn");
        using TorchOnnxModel model = TorchOnnxModel.Load(fixture.Model);
        ModelOutput task = fixture.Task(model, overBatch: true);
        Batch[] batches = [fixture.Batch("train").Rows(0, 3), fixture.Batch("train").Rows(3, 4)];
        float[][] expected = [.. batches.Select(b => Gradients(model, task, b))];
        long before = Settled();
        ModelResult[] results = [.. batches.Select(b => model.Forward(b))];
        Variable[] f = [.. batches.Select((b, i) => task.GetOutput(results[i], b))];
        Assert.That(Close.RelativeError(Backward(model, f[first], batches[first].Size), expected[first]), Is.LessThan(Tolerance));
        results[first].Dispose();
        Assert.That(
            Close.RelativeError(Backward(model, f[1 - first], batches[1 - first].Size), expected[1 - first]), Is.LessThan(Tolerance));
        results[1 - first].Dispose();
        Assert.That(Settled(), Is.EqualTo(before));
    }

    [Test]
    public void APassMayEndOnAnotherThread()
    {
        Fixture fixture = new("mlp");
        using TorchOnnxModel model = TorchOnnxModel.Load(fixture.Model);
        ModelOutput task = fixture.Task(model, overBatch: true);
        Batch batch = fixture.Batch("train").Rows(0, 3);
        float[] expected = Gradients(model, task, batch);
        long before = Settled();
        ModelResult result = OnAThread(() => model.Forward(batch));
        Variable f = task.GetOutput(result, batch);
        float[] actual = OnAThread(() => Backward(model, f, batch.Size));
        result.Dispose();
        Assert.That(actual, Is.EqualTo(expected));
        GC.KeepAlive(f);
        f = null!;
        Assert.That(Settled(), Is.EqualTo(before));
    }

    [Test]
    public void APassIsWalkedBackOnce()
    {
        Fixture fixture = new("mlp");
        using TorchOnnxModel model = TorchOnnxModel.Load(fixture.Model);
        Batch batch = fixture.Batch("train").Rows(0, 2);
        using ModelResult result = model.Forward(batch);
        Variable f = result.First.Sum(1);
        Backward(model, f, 2);
        Assert.That(() => Backward(model, f, 2), Throws.InvalidOperationException.With.Message.Contains("backpropagated already"));
    }

    [Test]
    public void OnlyWhatOnePassOfTheModelMadeIsTaken()
    {
        Fixture fixture = new("mlp");
        using TorchOnnxModel model = TorchOnnxModel.Load(fixture.Model), other = TorchOnnxModel.Load(fixture.Model);
        Batch batch = fixture.Batch("train").Rows(0, 2);
        using ModelResult one = model.Forward(batch), two = model.Forward(batch), elsewhere = other.Forward(batch);
        Assert.That(
            () => Backward(model, one.First.Sum(1) + two.First.Sum(1), 2),
            Throws.ArgumentException.With.Message.Contains("one forward pass"));
        Assert.That(() => Backward(model, elsewhere.First.Sum(1), 2), Throws.ArgumentException.With.Message.Contains("one forward pass"));
        Assert.That(
            Backward(model, one.First.Sum(1).Detach() * 0 + one.First.Sum(1), 2), Has.Some.Not.Zero, "a refusal leaves the pass as it was");
        Assert.That(Backward(model, two.First.Constant(1).Reshape(1), 2), Has.All.Zero, "a constant has no gradient");
    }

    [Test]
    public void WhatWasNotAskedForIsRefused()
    {
        Fixture fixture = new("mlp");
        using TorchOnnxModel model = TorchOnnxModel.Load(fixture.Model);
        using ModelResult result = model.Forward(
            fixture.Batch("train").Rows(0, 2), ParameterSelection.Matching(model.Parameters, ["fc1.*"]));
        Assert.That(() => Backward(model, result.First.Sum(1), 2), Throws.InvalidOperationException.With.Message.Contains("fc2.weight"));
    }

    [Test]
    public void APassWithoutGradientsKeepsNothingForThem()
    {
        Fixture fixture = new("cnn");
        using TorchOnnxModel model = TorchOnnxModel.Load(fixture.Model);
        Batch batch = fixture.Batch("train").Rows(0, 4);
        using ModelResult with = model.Forward(batch), without = model.Forward(batch, ParameterSelection.None);
        Assert.That(without.First.ToArray(), Is.EqualTo(with.First.ToArray()));
        DenseSink sink = new(4, 0);
        model.Backward(without.First.Sum(1), ParameterSelection.None, sink);
        Assert.That(sink.Blocks, Is.Empty);
    }

    private static float[] Gradients(TorchOnnxModel model, ModelOutput task, Batch batch)
    {
        using ModelResult result = model.Forward(batch);
        Variable f = task.GetOutput(result, batch);
        task.GetOutToLossGradient(result, batch);
        return Backward(model, f, batch.Size);
    }

    private static float[] Backward(TorchOnnxModel model, Variable f, int batch)
    {
        ParameterSelection all = ParameterSelection.All(model.Parameters);
        DenseSink sink = new(batch, all.Length);
        model.Backward(f, all, sink);
        return sink.Gradients;
    }

    // Tensors that other tests left to the collector go first.
    private static long Settled()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Tensor.TotalCount;
    }

    private static T OnAThread<T>(Func<T> function)
    {
        T? result = default;
        Thread thread = new(() => result = function());
        thread.Start();
        thread.Join();
        return result!;
    }
}
