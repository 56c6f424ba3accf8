using TrakFast.Kernels;

namespace TrakFast.Onnx.Tests;

/// <summary>
/// Models of a single operator (tests/fixtures/operators) against another runtime's results, together and example by
/// example. TRAKFAST_OPERATORS names another folder of such cases.
/// </summary>
internal sealed class OperatorCaseTests
{
    private const double Tolerance = 1e-5;
    private const string Input = "inputs/";
    private const string Output = "outputs/";

    private static IEnumerable<string> Names => Directory.GetDirectories(Folder).Select(static d => Path.GetFileName(d)!).Order(StringComparer.Ordinal);

    private static string Folder => Environment.GetEnvironmentVariable("TRAKFAST_OPERATORS") ?? Path.Combine(FixtureFolder.Path, "operators");

    [TestCaseSource(nameof(Names))]
    public void OutputsAreTheExpectedOnes(string name)
    {
        Checkpoint arrays = SafetensorsFile.Read(Path.Combine(Folder, name, "case.safetensors"));
        using OnnxModel model = OnnxModel.Load(Path.Combine(Folder, name, "model.onnx"), new OnnxOptions { Poison = true });
        Batch batch = new(arrays.Tensors
            .Where(static t => t.Key.StartsWith(Input, StringComparison.Ordinal))
            .Select(static t => KeyValuePair.Create(t.Key[Input.Length..], t.Value)));
        Dictionary<string, float[]> all = Run(model, batch);
        Assert.That(all.Keys, Is.EquivalentTo(arrays.Tensors.Keys.Where(static k => k.StartsWith(Output, StringComparison.Ordinal)).Select(static k => k[Output.Length..])));
        foreach ((string output, float[] values) in all)
        {
            DataArray expected = arrays.Tensors[Output + output];
            float[] wanted = expected.Type.IsFloat() ? expected.ToFloats() : [.. expected.ToLongs().Select(static v => (float)v)];
            Assert.That(Close.RelativeError(values, wanted), Is.LessThan(Tolerance), output);
        }

        for (int b = 0; b < batch.Size; b++)
        {
            foreach ((string output, float[] alone) in Run(model, batch.Rows(b, 1)))
                Assert.That(alone.AsSpan().SequenceEqual(all[output].AsSpan(b * alone.Length, alone.Length)), Is.True, $"{output} of example {b} alone");
        }
    }

    private static Dictionary<string, float[]> Run(OnnxModel model, Batch batch)
    {
        using ModelResult result = model.Forward(batch);
        return result.Names.ToDictionary(static n => n, n => result[n].ToArray());
    }
}
