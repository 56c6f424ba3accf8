namespace TrakFast.Testing;

/// <summary>
/// Models as exporters write them (tests/fixtures/exports): outputs and every parameter's per-example gradients against
/// float64 references. Each engine adds a sealed fixture.
/// </summary>
public abstract class ExportedModelContract
{
    private const double Tolerance = 1e-5;
    private const string Gradient = "gradients/";

    /// <summary>Largest relative error between an example alone and in a batch; 0 for the same bits.</summary>
    protected virtual double BatchTolerance => 0;

    // norm_input's, which have references too.
    private static readonly string[] Buffers = ["mean", "std"];

    protected static IEnumerable<string> Names =>
        Directory.GetDirectories(Folder()).Select(static d => Path.GetFileName(d)!).Order(StringComparer.Ordinal);

    /// <summary>The engine's model of a file.</summary>
    protected abstract IModel Open(string path);

    [TestCaseSource(nameof(Names))]
    public void OutputsAndGradientsAreTheExpectedOnes(string name)
    {
        Checkpoint arrays = SafetensorsFile.Read(Path.Combine(Folder(), name, "case.safetensors"));
        using IModel model = Open(Path.Combine(Folder(), name, "model.onnx"));
        Batch batch = new(("image", arrays.Tensors["image"]), ("label", arrays.Tensors["label"]));
        (float[] logits, float[] f, float[] q, float[] gradients) = Run(model, batch);
        using (Assert.EnterMultipleScope())
        {
            Check("logits", logits);
            Check("outputs", f);
            Check("out_to_loss", q);
            Check("gradients", gradients, Expected(model, arrays, batch.Size));
        }

        void Check(string what, float[] actual, float[]? expected = null) =>
            Assert.That(Close.RelativeError(actual, expected ?? arrays.Tensors[what].ToFloats()), Is.LessThan(Tolerance), what);
    }

    [TestCaseSource(nameof(Names))]
    public void AnExampleAloneIsTheSame(string name)
    {
        // Files that state a number of examples run with others too.
        Checkpoint arrays = SafetensorsFile.Read(Path.Combine(Folder(), name, "case.safetensors"));
        using IModel model = Open(Path.Combine(Folder(), name, "model.onnx"));
        Batch batch = new(("image", arrays.Tensors["image"]), ("label", arrays.Tensors["label"]));
        (_, float[] f, _, float[] gradients) = Run(model, batch);
        int p = gradients.Length / batch.Size;
        for (int b = 0; b < batch.Size; b++)
        {
            (_, float[] one, _, float[] alone) = Run(model, batch.Rows(b, 1));
            Same(one, f.AsSpan(b, 1));
            Same(alone, gradients.AsSpan(b * p, p));
        }
    }

    private void Same(ReadOnlySpan<float> alone, ReadOnlySpan<float> together)
    {
        if (BatchTolerance == 0) Assert.That(alone.SequenceEqual(together), Is.True);
        else Assert.That(Close.RelativeError(alone, together), Is.LessThan(BatchTolerance));
    }

    private static (float[] Logits, float[] F, float[] Q, float[] Gradients) Run(IModel model, Batch batch)
    {
        ImageClassification task = new();
        using ModelResult result = model.Forward(batch);
        Variable f = task.GetOutput(result, batch);
        ParameterSelection all = ParameterSelection.All(model.Parameters);
        DenseSink sink = new(batch.Size, all.Length);
        model.Backward(f, all, sink);
        return (result.First.ToArray(), f.ToArray(), task.GetOutToLossGradient(result, batch).ToArray(), sink.Gradients);
    }

    // The references lie parameter by parameter, [B, its shape]; every parameter has one.
    private static float[] Expected(IModel model, Checkpoint arrays, int batch)
    {
        Assert.That(
            model.Parameters.Select(static p => p.Name),
            Is.EquivalentTo(arrays.Tensors.Keys
                .Where(static k => k.StartsWith(Gradient, StringComparison.Ordinal))
                .Select(static k => k[Gradient.Length..])
                .Except(Buffers)));
        ParameterSelection all = ParameterSelection.All(model.Parameters);
        float[] expected = new float[batch * all.Length];
        foreach (ModelParameter parameter in model.Parameters)
        {
            int length = (int)parameter.Length;
            float[] values = arrays.Tensors[Gradient + parameter.Name].ToFloats();
            for (int b = 0; b < batch; b++)
                values.AsSpan(b * length, length).CopyTo(expected.AsSpan((int)((b * all.Length) + all.Offset(parameter.Name)), length));
        }

        return expected;
    }

    private static string Folder() => Path.Combine(FixtureFolder.Path, "exports");
}
