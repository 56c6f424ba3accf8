using TrakFast.Kernels;

namespace TrakFast.Testing;

/// <summary>
/// Models of a single operator (tests/fixtures/operators) against another runtime's results, together and example by
/// example. TRAKFAST_OPERATORS names another folder of such archives. Each engine adds a sealed fixture.
/// </summary>
public abstract class OperatorCaseContract
{
    private const double Tolerance = 1e-5;
    private const string Input = "inputs/";
    private const string Output = "outputs/";
    private static readonly OperatorArchives Cases = new(Environment.GetEnvironmentVariable("TRAKFAST_OPERATORS"));

    /// <summary>Largest relative error between an example alone and in a batch; 0 for the same bits.</summary>
    protected virtual double BatchTolerance => 0;

    protected static IEnumerable<string> Names => Cases.Names;

    /// <summary>The engine's model of a file.</summary>
    protected abstract IModel Open(string path);

    [TestCaseSource(nameof(Names))]
    public void OutputsAreTheExpectedOnes(string name)
    {
        using OperatorArchives.Extracted folder = Cases.Extract(name);
        Checkpoint arrays = SafetensorsFile.Read(Path.Combine(folder.Path, "case.safetensors"));
        using IModel model = Open(Path.Combine(folder.Path, "model.onnx"));
        Batch batch = new(arrays.Tensors
            .Where(static t => t.Key.StartsWith(Input, StringComparison.Ordinal))
            .Select(static t => KeyValuePair.Create(t.Key[Input.Length..], t.Value)));
        Dictionary<string, float[]> all = Run(model, batch);
        Assert.That(all.Keys, Is.EquivalentTo(
            arrays.Tensors.Keys.Where(static k => k.StartsWith(Output, StringComparison.Ordinal)).Select(static k => k[Output.Length..])));
        foreach ((string output, float[] values) in all)
        {
            DataArray expected = arrays.Tensors[Output + output];
            float[] wanted = expected.Type.IsFloat() ? expected.ToFloats() : [.. expected.ToLongs().Select(static v => (float)v)];
            Assert.That(Close.RelativeError(values, wanted), Is.LessThan(Tolerance), output);
        }

        for (int b = 0; b < batch.Size; b++)
        {
            foreach ((string output, float[] alone) in Run(model, batch.Rows(b, 1)))
            {
                ReadOnlySpan<float> together = all[output].AsSpan(b * alone.Length, alone.Length);
                if (BatchTolerance == 0) Assert.That(alone.AsSpan().SequenceEqual(together), Is.True, $"{output} of example {b} alone");
                else Assert.That(Close.RelativeError(alone, together), Is.LessThan(BatchTolerance), $"{output} of example {b} alone");
            }
        }
    }

    private static Dictionary<string, float[]> Run(IModel model, Batch batch)
    {
        using ModelResult result = model.Forward(batch);
        return result.Names.ToDictionary(static n => n, n => result[n].ToArray());
    }
}
