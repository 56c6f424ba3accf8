namespace TrakFast.Onnx.Tests;

/// <summary>Numbers and use tell a buffer; a name alone, or numbers that training leaves, never do.</summary>
internal sealed class BufferClueTests
{
    private static readonly float[] Triangle = [1, 0, 0, 1, 1, 0, 1, 1, 1];

    [Test]
    public void ATrainedArrayIsNotLostByItsName(
        [Values("mask", "attn.bias", "masked_bias", "pe", "inv_freq", "sin", "cos", "mean", "std", "slopes", "pos_embed")] string name,
        [Values("Add", "Mul")] string type) =>
        Assert.That(Trained(name, type, [0.31f, -0.72f, 1.43f, 0.54f, 0.15f, 2.6f, -0.7f, 0.8f, 0.99f], 3, 3), Is.True);

    [TestCase(0f)]
    [TestCase(1f)]
    [TestCase(1e-6f)]
    [TestCase(-5f)]
    public void OneNumberThroughoutIsAParameter(float number) =>
        Assert.That(Trained("gamma", "Mul", [.. Enumerable.Repeat(number, 9)], 3, 3), Is.True);

    [TestCase(0f, 1f)]
    [TestCase(0f, -100f)]
    [TestCase(0f, -65504f)]
    [TestCase(0f, -1e9f)]
    [TestCase(0f, float.MinValue)]
    [TestCase(0f, float.NegativeInfinity)]
    public void TwoNumbersAreAMask(float one, float other)
    {
        float[] values = [.. Triangle.Select(t => t == 0 ? one : other)];
        Assert.That(Trained("w", "Add", values, 3, 3), Is.False);

        // A layer that reads it makes a weight of it: an identity may be where training begins.
        ModelFile layer = new ModelFile().Input("x", 3).Output("y").Array("w", [.. Triangle], 3, 3).Node("MatMul", "x w", "y");
        Assert.That(layer.Read().Parameters, Has.Count.EqualTo(1));
    }

    [Test]
    public void OtherPairsOfNumbersAreTrained([Values(0.5f, 2f, -10f)] float other) =>
        Assert.That(Trained("w", "Add", [.. Triangle.Select(t => t * other)], 3, 3), Is.True);

    [Test]
    public void ATableOfSinesIsToldFromOneThatWasTrainedABit()
    {
        float[] sines = [.. Enumerable.Range(0, 64).Select(static i =>
            (float)(i % 2 == 0 ? Math.Sin(i / 8 / Math.Pow(100, i % 8 / 8.0)) : Math.Cos(i / 8 / Math.Pow(100, (i - 1) % 8 / 8.0))))];
        Assert.That(Trained("pe", "Add", sines, 8, 8), Is.False);
        sines[13] += 1e-3f;
        Assert.That(Trained("pe", "Add", sines, 8, 8), Is.True);
    }

    [Test]
    public void SeriesAreNoFrequenciesUnlessSinesReadThem()
    {
        float[] series = [1, 0.1f, 0.01f, 0.001f];
        Assert.That(Trained("f", "Mul", series, 4), Is.True);
        ModelFile sine = new ModelFile().Input("x", 4).Output("y").Array("f", series, 4).Array("w", [1.5f, 2, 3, 5], 4)
            .Node("Mul", "x f", "a").Node("Sin", "a", "s").Node("Mul", "s w", "y");
        Assert.That(sine.Read().Parameters.Select(static p => p.Name), Is.EqualTo(new[] { "w" }));
        Assert.That(sine.Read().Untrained.Select(static u => (u.Name, u.Clue)), Is.EqualTo(new[] { ("f", UntrainedClue.Table) }));
    }

    [Test]
    public void WhatIsTakenOffALayersOutputIsTrained()
    {
        ModelFile model = new ModelFile().Input("x", 2).Output("y").Array("w", [1.5f, 2, 3, 5], 2, 2).Array("m", [1, 2.5f], 2)
            .Array("s", [1.5f, 2], 2).Node("MatMul", "x w", "a").Node("Sub", "a m", "b").Node("Div", "b s", "y");
        Assert.That(model.Read().Parameters, Has.Count.EqualTo(3));
    }

    [Test]
    public void CentersThatTheInputIsComparedWithAreTrained()
    {
        // A radial basis: [B, 1] less [5].
        ModelFile model = new ModelFile().Input("x", 1).Output("y").Array("c", [0.3f, 1, 1.9f, 2.6f, 4.4f], 5)
            .Array("s", [1, 1.5f, 1, 1.1f, 1], 5).Node("Sub", "x c", "a").Node("Div", "a s", "y");
        Assert.That(model.Read().Parameters, Has.Count.EqualTo(2));
    }

    [Test]
    public void ADivergedWeightIsStillAParameter()
    {
        ModelFile model = new ModelFile().Input("x", 2).Output("y").Array("w", [1.5f, float.NaN, 3, 5], 2, 2).Array("b", [float.NaN, 1], 2)
            .Node("MatMul", "x w", "a").Node("Add", "a b", "y");
        OnnxGraph graph = model.Read();
        Assert.That(graph.Parameters, Has.Count.EqualTo(2));
        using OnnxModel run = new(graph);
        Assert.That(
            () => run.Load(graph.ToCheckpoint("own")), Throws.InstanceOf<CheckpointException>().With.Message.Contains("not a finite"));
    }

    [Test]
    public void WhatIsLeftOutStaysLeftOutInAFileWrittenAgain()
    {
        ModelFile model = new ModelFile().Input("x", 3, 3).Output("y").Array("w", [1.5f, 2, 3], 3).Array("v", [1.5f, 2, 4], 3)
            .Node("Mul", "x w", "a").Node("Add", "a v", "y");
        OnnxGraph named = TrainedParameters.Named(model.Read(), ["v"], "list").Graph;
        using MemoryStream stream = new();
        OnnxFile.Write(named, stream);
        stream.Position = 0;
        Assert.That(OnnxFile.Read(stream, "again").Parameters.Select(static p => p.Name), Is.EqualTo(new[] { "v" }));
    }

    private static bool Trained(string name, string type, float[] values, params long[] shape)
    {
        ModelFile model = new ModelFile().Input("x", shape).Output("y").Array(name, values, shape).Node("Identity", "x", "a")
            .Node(type, $"a {name}", "y");
        return model.Read().Parameters.Count == 1;
    }
}
