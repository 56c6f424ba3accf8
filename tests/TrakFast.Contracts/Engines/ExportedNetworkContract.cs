using System.Text.Json;

namespace TrakFast.Testing;

/// <summary>
/// Networks of every kind as exporters write them (tests/fixtures/networks): outputs, and every parameter's per-example
/// gradients of a fixed weighting of the outputs, against float64 references. TRAKFAST_NETWORKS names another folder of
/// such cases. Each engine adds a sealed fixture.
/// </summary>
public abstract class ExportedNetworkContract
{
    private const double Tolerance = 2e-5;
    private const double OneParameter = 2e-4;
    private const string Gradient = "gradients/";
    private const string Input = "inputs/";
    private const string Output = "outputs/";
    private const string Weight = "weights/";

    /// <summary>Largest relative error between an example alone and in a batch; 0 for the same bits.</summary>
    protected virtual double BatchTolerance => 0;

    protected static IEnumerable<string> Names => Directory.Exists(Folder)
        ? Directory.GetDirectories(Folder).Select(static d => Path.GetFileName(d)!).Order(StringComparer.Ordinal)
        : [];

    private static string Folder => Environment.GetEnvironmentVariable("TRAKFAST_NETWORKS") ?? Path.Combine(FixtureFolder.Path, "networks");

    /// <summary>The engine's model of a file.</summary>
    protected abstract IModel Open(string path);

    [TestCaseSource(nameof(Names))]
    public void OutputsAndGradientsAreTheExpectedOnes(string name)
    {
        Checkpoint arrays = SafetensorsFile.Read(Path.Combine(Folder, name, "case.safetensors"));
        using IModel model = Open(Path.Combine(Folder, name, "model.onnx"));
        Batch batch = Inputs(arrays);
        float[] gradients = Run(model, batch, arrays, out Dictionary<string, float[]> outputs);
        using (Assert.EnterMultipleScope())
        {
            foreach ((string output, float[] values) in outputs)
                Assert.That(Error(values, arrays.Tensors[Output + output].ToFloats()), Is.LessThan(Tolerance), output);
            CheckGradients(model, arrays, batch.Size, gradients, name);
        }

        for (int b = 0; b < batch.Size; b++)
        {
            float[] alone = Run(model, batch.Rows(b, 1), arrays, out _);
            ReadOnlySpan<float> together = gradients.AsSpan(b * alone.Length, alone.Length);
            if (BatchTolerance == 0) Assert.That(alone.AsSpan().SequenceEqual(together), Is.True, $"example {b} alone");
            else Assert.That(Close.RelativeError(alone, together), Is.LessThan(BatchTolerance), $"example {b} alone");
        }
    }

    private static Batch Inputs(Checkpoint arrays) => new(arrays.Tensors
        .Where(static t => t.Key.StartsWith(Input, StringComparison.Ordinal))
        .Select(static t => KeyValuePair.Create(t.Key[Input.Length..], t.Value)));

    // f_b = Σ weights · outputs of example b.
    private static float[] Run(IModel model, Batch batch, Checkpoint arrays, out Dictionary<string, float[]> outputs)
    {
        using ModelResult result = model.Forward(batch);
        outputs = [];
        Variable? f = null;
        foreach (string name in result.Names)
        {
            if (!arrays.Tensors.ContainsKey(Output + name)) continue;
            outputs.Add(name, result[name].ToArray());
            if (!arrays.Tensors.TryGetValue(Weight + name, out DataArray? weights)) continue;
            Variable rows = result[name].Reshape(batch.Size, -1);
            Variable part = (rows * rows.Constant(weights.Reshape(1, weights.Length))).Sum(1);
            f = f is null ? part : f + part;
        }

        ParameterSelection all = ParameterSelection.All(model.Parameters);
        DenseSink sink = new(batch.Size, all.Length);
        model.Backward(f!, all, sink);
        return sink.Gradients;
    }

    private static void CheckGradients(IModel model, Checkpoint arrays, int batch, float[] gradients, string name)
    {
        ParameterSelection all = ParameterSelection.All(model.Parameters);
        CheckParameters(model, arrays, name);
        double differences = 0, squares = 1e-300;
        double largest = arrays.Tensors
            .Where(static t => t.Key.StartsWith(Gradient, StringComparison.Ordinal))
            .SelectMany(static t => t.Value.ToFloats())
            .Max(static v => Math.Abs(v));
        foreach (ModelParameter parameter in model.Parameters)
        {
            if (!arrays.Tensors.TryGetValue(Gradient + parameter.Name, out DataArray? values)) continue;
            float[] expected = values.ToFloats(), actual = new float[expected.Length];
            int length = (int)parameter.Length;
            for (int b = 0; b < batch; b++)
                gradients.AsSpan((int)((b * all.Length) + all.Offset(parameter.Name)), length).CopyTo(actual.AsSpan(b * length));
            Assert.That(Error(actual, expected, 0.01 * largest), Is.LessThan(OneParameter), parameter.Name);
            for (int i = 0; i < expected.Length; i++)
            {
                squares += (double)expected[i] * expected[i];
                differences += Math.Pow((double)actual[i] - expected[i], 2);
            }
        }

        Assert.That(Math.Sqrt(differences / squares), Is.LessThan(Tolerance), "all gradients together");
    }

    // A parameter whose gradient is 0 throughout may be missing, as one that the exporter worked out of others may; buffers
    // that bear names as parameters do cannot be told from them.
    private static void CheckParameters(IModel model, Checkpoint arrays, string name)
    {
        using JsonDocument facts = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, name, "case.json")));
        string[] buffers = Names("not_parameters"), derived = Names("derived"), found = [.. model.Parameters.Select(static p => p.Name)];
        string[] known = [.. arrays.Tensors.Keys
            .Where(static k => k.StartsWith(Gradient, StringComparison.Ordinal))
            .Select(static k => k[Gradient.Length..])];
        Assert.That(found.Except(known).Except(buffers), Is.Empty, "parameters too many");
        Assert.That(
            known.Except(found).Except(derived).Where(k => Array.Exists(arrays.Tensors[Gradient + k].ToFloats(), static v => v != 0)),
            Is.Empty, "parameters missing");

        string[] Names(string list) => facts.RootElement.TryGetProperty(list, out JsonElement names)
            ? [.. names.EnumerateArray().Select(static n => n.ToString())]
            : [];
    }

    // The largest difference in units of the largest number there is.
    private static double Error(float[] actual, float[] expected, double floor = 1e-6)
    {
        Assert.That(actual, Has.Length.EqualTo(expected.Length));
        double difference = 0, size = floor;
        for (int i = 0; i < actual.Length; i++)
        {
            difference = Math.Max(difference, Math.Abs((double)actual[i] - expected[i]));
            size = Math.Max(size, Math.Abs(expected[i]));
            if (float.IsNaN(actual[i])) return double.NaN;
        }

        return difference / size;
    }
}
