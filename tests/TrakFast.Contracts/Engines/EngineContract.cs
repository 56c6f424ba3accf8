using TrakFast.Kernels;

namespace TrakFast.Testing;

/// <summary>What every engine promises, on the conformance cases. Each engine adds a sealed fixture.</summary>
public abstract class EngineContract
{
    /// <summary>Largest relative error against float64 references.</summary>
    protected virtual double Tolerance => 1e-5;

    /// <summary>Largest relative error between an example alone and in a batch, threads alike; 0 for the same bits.</summary>
    protected virtual double BatchTolerance => 0;

    /// <summary>The engine's model of a case.</summary>
    protected abstract IModel Open(Fixture fixture, int threads);

    [Test]
    public void ParametersStandInTheStateDictsOrder([Values("mlp", "cnn", "bert", "clip")] string name)
    {
        Fixture fixture = new(name);
        using IModel model = Open(fixture, 1);
        Assert.That(model.Parameters.Select(static p => p.Name), Is.EqualTo(fixture.ParameterNames));
        Assert.That(model.Parameters.Select(static p => p.Shape), Is.EqualTo(fixture.ParameterShapes));
        Assert.That(model.Parameters.Select(static p => p.Offset), Is.Ordered.Ascending);
        Assert.That(ParameterSelection.All(model.Parameters).Length, Is.EqualTo(fixture.GradientDimension));
        Assert.That(model.Inputs, Is.EqualTo(fixture.Inputs));
    }

    [Test]
    public void OutputsAndGradientsAreTheExpectedOnes(
        [Values("mlp", "cnn", "bert", "clip")] string name, [Values(0, 1)] int id, [Values("train", "target")] string split)
    {
        Fixture fixture = new(name);
        using IModel model = Open(fixture, 2);
        model.Load(fixture.Checkpoint(id));
        (Dictionary<string, float[]> outputs, float[] f, float[] q, float[] gradients) = Run(
            model, fixture.Task(model, overBatch: true), fixture.Batch(split));
        using (Assert.EnterMultipleScope())
        {
            foreach ((string output, float[] values) in outputs) Check(output, values);
            Check("outputs", f);
            Check("out_to_loss", q);
            Check("gradients", gradients);
        }

        void Check(string what, float[] actual)
        {
            if (fixture.Has(id, split, what))
                Assert.That(Close.RelativeError(actual, fixture.Expected(id, split, what)), Is.LessThan(Tolerance), what);
        }
    }

    [Test]
    public void AnExampleIsTheSameInAnyBatchAndOnAnyThreads(
        [Values("mlp", "cnn", "bert", "clip")] string name, [Values(1, 7, 64)] int size, [Values(1, 2)] int threads)
    {
        Fixture fixture = new(name);
        using IModel reference = Open(fixture, 1), model = Open(fixture, threads);
        reference.Load(fixture.Checkpoint(0));
        model.Load(fixture.Checkpoint(0));
        Batch all = fixture.Batch("train");
        (Dictionary<string, float[]> outputs, float[] f, float[] q, float[] gradients) = Run(
            reference, fixture.Task(reference, overBatch: false), all);
        int p = (int)fixture.GradientDimension;

        // Every place of the batch holds some example, in an order of its own.
        long[] order = [.. Enumerable.Range(0, size).Select(i => (i * 37L) % all.Size)];
        (Dictionary<string, float[]> someOutputs, float[] someF, float[] someQ, float[] someGradients) = Run(
            model, fixture.Task(model, overBatch: false), all.Rows(order));
        for (int i = 0; i < size; i++)
        {
            int row = (int)order[i];
            foreach ((string output, float[] values) in outputs)
            {
                // What is the same for all examples has one value.
                int width = values.Length / all.Size;
                Same(someOutputs[output].AsSpan(i * width, width), values.AsSpan(row * width, width), $"{output} of example {row}");
            }

            Same([someF[i], someQ[i]], [f[row], q[row]], $"f and Q of example {row}");
            Same(someGradients.AsSpan(i * p, p), gradients.AsSpan(row * p, p), $"gradient of example {row}");
        }

        void Same(ReadOnlySpan<float> actual, ReadOnlySpan<float> expected, string what)
        {
            if (BatchTolerance == 0) Assert.That(actual.SequenceEqual(expected), Is.True, what);
            else Assert.That(Close.RelativeError(actual, expected), Is.LessThan(BatchTolerance), what);
        }
    }

    [Test]
    public void ASelectionGetsItsOwnCoordinatesAndNothingElse()
    {
        Fixture fixture = new("cnn");
        using IModel model = Open(fixture, 1);
        model.Load(fixture.Checkpoint(0));
        Batch batch = fixture.Batch("target");
        (_, _, _, float[] whole) = Run(model, new ImageClassification(), batch);
        ParameterSelection some = ParameterSelection.Matching(model.Parameters, ["head.*", "block.bn1.weight"]);
        (_, _, _, float[] part) = Run(model, new ImageClassification(), batch, some);
        ParameterSelection all = ParameterSelection.All(model.Parameters);
        foreach (ModelParameter parameter in some.Parameters)
        {
            for (int b = 0; b < batch.Size; b++)
            {
                Span<float> expected = whole.AsSpan((int)((b * all.Length) + all.Offset(parameter.Name)), (int)parameter.Length);
                Span<float> actual = part.AsSpan((int)((b * some.Length) + some.Offset(parameter.Name)), (int)parameter.Length);
                Assert.That(actual.SequenceEqual(expected), Is.True, parameter.Name);
            }
        }
    }

    [Test]
    public void EveryBlockLiesInOneParameter([Values("mlp", "cnn", "bert", "clip")] string name)
    {
        Fixture fixture = new(name);
        using IModel model = Open(fixture, 1);
        model.Load(fixture.Checkpoint(0));
        Batch batch = fixture.Batch("train");
        ParameterSelection all = ParameterSelection.All(model.Parameters);
        DenseSink sink = new(batch.Size, all.Length);
        using ModelResult result = model.Forward(batch);
        model.Backward(fixture.Task(model, overBatch: true).GetOutput(result, batch), all, sink);
        Assert.That(sink.Blocks, Is.Not.Empty);
        foreach (GradientBlock block in sink.Blocks)
            Assert.That(all.MatrixAt(LastCoordinate(block)), Is.EqualTo(all.MatrixAt(block.Offset)), block.ToString());

        static long LastCoordinate(GradientBlock block) => block.Offset - 1 + block switch
        {
            OuterProductBlock outer => ((outer.Rows - 1) * outer.RowStride) + outer.Columns,
            ConvolutionBlock convolution => (long)convolution.Geometry.OutputChannels * convolution.Geometry.UnfoldedRows,
            DenseBlock dense => dense.Length,
            RowsBlock rows => rows.RowLength,
            _ => throw new ArgumentOutOfRangeException(nameof(block)),
        };
    }

    [Test]
    public void AllDifferencesOfACheckpointComeInOneSentence()
    {
        Fixture fixture = new("mlp");
        using IModel model = Open(fixture, 1);
        Dictionary<string, DataArray> tensors = new(fixture.Checkpoint(0).Tensors)
        {
            ["fc1.weight"] = DataArray.From(new float[32 * 128], 32, 128),
            ["surplus"] = DataArray.From(new float[2], 2),
        };
        tensors.Remove("fc2.bias");
        Assert.That(
            () => model.Load(new Checkpoint("checkpoint_1.safetensors", tensors)),
            Throws.InstanceOf<TrakException>()
                .With.Message.Contains("checkpoint_1.safetensors has fc1.weight [32, 128], the model wants [32, 64]")
                .And.Message.Contains("lacks fc2.bias [10]").And.Message.Contains("surplus [2]"));
    }

    [Test]
    public void AWeightThatIsNotFiniteIsNamedWithItsPlace()
    {
        Fixture fixture = new("mlp");
        using IModel model = Open(fixture, 1);
        string before = model.WeightHash;
        Checkpoint good = fixture.Checkpoint(0);
        float[] values = good.Tensors["fc2.weight"].ToFloats();
        values[(3 * 32) + 5] = float.NaN;
        Dictionary<string, DataArray> tensors = new(good.Tensors) { ["fc2.weight"] = DataArray.From(values, 10, 32) };
        Assert.That(
            () => model.Load(new Checkpoint("bad", tensors)), Throws.InstanceOf<TrakException>().With.Message.Contains("fc2.weight[3, 5]"));
        Assert.That(model.WeightHash, Is.EqualTo(before), "a refused checkpoint changes nothing");
    }

    [Test]
    public void OtherFloatingPointTypesAreConvertedAndCountersIgnored()
    {
        Fixture fixture = new("mlp");
        using IModel model = Open(fixture, 1);
        Checkpoint good = fixture.Checkpoint(0);
        Dictionary<string, DataArray> tensors = new(good.Tensors)
        {
            ["fc1.bias"] = new DataArray(ElementType.Float64, [32], System.Runtime.InteropServices.MemoryMarshal.AsBytes<double>(
                [.. good.Tensors["fc1.bias"].ToFloats().Select(static v => (double)v)]).ToArray()),
            ["bn.num_batches_tracked"] = DataArray.From([7L], []),
        };
        model.Load(good);
        string hash = model.WeightHash;
        model.Load(fixture.Checkpoint(1));
        Assert.That(model.WeightHash, Is.Not.EqualTo(hash));
        model.Load(new Checkpoint("converted", tensors));
        Assert.That(model.WeightHash, Is.EqualTo(hash));
        Assert.That(hash, Does.Match("^[0-9a-f]{64}$"));
    }

    [Test]
    public void WrongInputsAreRefusedWithTheirValues()
    {
        Fixture fixture = new("cnn");
        using IModel model = Open(fixture, 1);
        DataArray labels = DataArray.From([0L, 1], 2);
        float[] pixels = new float[2 * 64];
        Assert.That(() => model.Forward(new Batch(("label", labels))), Throws.InstanceOf<TrakException>().With.Message.Contains("'image'"));
        Assert.That(
            () => model.Forward(new Batch(("image", DataArray.From(pixels, 2, 64)))),
            Throws.InstanceOf<TrakException>().With.Message.Contains("[2, 64]"));
        Assert.That(
            () => model.Forward(new Batch(("image", DataArray.From(pixels.AsSpan(0, 0), 0, 1, 8, 8)))), Throws.InstanceOf<TrakException>());
        pixels[64 + 3] = float.PositiveInfinity;
        Assert.That(
            () => model.Forward(new Batch(("image", DataArray.From(pixels, 2, 1, 8, 8)))),
            Throws.InstanceOf<TrakException>().With.Message.Contains("example 1"));
    }

    [Test]
    public void WholeNumbersAreConvertedWhereTheGraphWantsFloats()
    {
        Fixture fixture = new("cnn");
        using IModel model = Open(fixture, 1);
        float[] pixels = [.. Enumerable.Range(0, 64).Select(static i => (float)(i % 17))];
        using ModelResult floats = model.Forward(new Batch(("image", DataArray.From(pixels, 1, 1, 8, 8))));
        using ModelResult bytes = model.Forward(
            new Batch(("image", new DataArray(ElementType.UInt8, [1, 1, 8, 8], pixels.Select(static v => (byte)v).ToArray()))));
        Assert.That(bytes.First.ToArray(), Is.EqualTo(floats.First.ToArray()));
    }

    [Test]
    public void NothingIsLeftAlive()
    {
        Fixture fixture = new("cnn");
        long before = NativeBuffers.Alive;
        using (IModel model = Open(fixture, 2))
        {
            Run(model, new ImageClassification(), fixture.Batch("target"));
            Assert.That(() => model.Forward(new Batch(("image", DataArray.From(new float[4], 2, 2)))), Throws.InstanceOf<TrakException>());
            Run(model, new ImageClassification(), fixture.Batch("target"), sink: new ThrowingSink());
        }

        Assert.That(NativeBuffers.Alive, Is.EqualTo(before));

        // A pass that outlives its model frees what it holds as well.
        IModel other = Open(fixture, 1);
        ModelResult result = other.Forward(fixture.Batch("target"));
        other.Dispose();
        result.Dispose();
        Assert.That(NativeBuffers.Alive, Is.EqualTo(before));
    }

    [Test]
    public void ADisposedModelRefusesWhatNeedsItsWeights()
    {
        Fixture fixture = new("mlp");
        IModel model = Open(fixture, 1);
        ParameterSelection all = ParameterSelection.All(model.Parameters);
        using ModelResult result = model.Forward(fixture.Batch("target"));
        Variable f = result.First.Sum(1);
        model.Dispose();
        model.Dispose();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => model.WeightHash, Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => model.Load(fixture.Checkpoint(0)), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => model.Forward(fixture.Batch("target")), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => model.Backward(f, all, new ThrowingSink()), Throws.TypeOf<ObjectDisposedException>());
        }
    }

    [Test]
    public void AnOutputThatIsNotThereIsNamed()
    {
        Fixture fixture = new("mlp");
        using IModel model = Open(fixture, 1);
        using ModelResult result = model.Forward(fixture.Batch("target"));
        Assert.That(
            () => result["embedding"],
            Throws.InstanceOf<TrakException>().With.Message.Contains("'embedding'").And.Message.Contains("logits"));
    }

    private static (Dictionary<string, float[]> Outputs, float[] F, float[] Q, float[] Gradients) Run(
        IModel model, ModelOutput task, Batch batch, ParameterSelection? selection = null, IGradientSink? sink = null)
    {
        using ModelResult result = model.Forward(batch);
        Variable f = task.GetOutput(result, batch);
        selection ??= ParameterSelection.All(model.Parameters);
        DenseSink dense = new(batch.Size, selection.Length);
        if (sink is ThrowingSink) Assert.That(() => model.Backward(f, selection, sink), Throws.InvalidOperationException);
        else model.Backward(f, selection, dense);
        return (
            result.Names.ToDictionary(static name => name, name => result[name].ToArray()), f.ToArray(),
            task.GetOutToLossGradient(result, batch).ToArray(), dense.Gradients);
    }

    private sealed class ThrowingSink : IGradientSink
    {
        private int _left = 3;

        public void Accept(GradientBlock block)
        {
            if (_left-- == 0) throw new InvalidOperationException("enough");
        }
    }
}
