using System.IO.Compression;
using System.Text.Json;

namespace TrakFast.Testing;

/// <summary>
/// A model's parameters are the ones that its framework trains, and no mask, table or constant beside them
/// (tests/fixtures/field, tests/fixtures/buffers): names, and per-example gradients against float64 references. Each engine adds a
/// sealed fixture.
/// </summary>
public abstract class TrainedParameterContract
{
    private const double Tolerance = 1e-4;
    private const string Gradient = "g/";

    protected static IEnumerable<string> Names => new[] { "field", "buffers" }
        .SelectMany(static set => Directory.GetDirectories(Path.Combine(FixtureFolder.Path, set)))
        .Where(static folder => new FileInfo(Path.Combine(folder, "ref.npz")).Length > 100)
        .Select(static folder => Path.GetRelativePath(FixtureFolder.Path, folder))
        .Order(StringComparer.Ordinal);

    /// <summary>The engine's model of a file.</summary>
    protected abstract IModel Open(string path);

    [TestCaseSource(nameof(Names))]
    public void ParametersAndGradientsAreTheFrameworks(string name)
    {
        string folder = Path.Combine(FixtureFolder.Path, name);
        using JsonDocument facts = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "case.json")));
        using IModel model = Open(Path.Combine(folder, "model.onnx"));
        string checkpoint = Path.Combine(folder, "ck.safetensors");
        if (File.Exists(checkpoint)) model.Load(SafetensorsFile.Read(checkpoint));
        Dictionary<string, float[]> expected = References(Path.Combine(folder, "ref.npz"));

        // What the export dropped has no gradient.
        string[] trained = [.. facts.RootElement.GetProperty("params").EnumerateArray()
            .Select(static p => p[0].GetString()!)
            .Where(p => expected.TryGetValue(p, out float[]? g)
                && (g.AsSpan().ContainsAnyExcept(0f) || model.Parameters.Any(m => m.Name == p)))];
        Assert.That(model.Parameters.Select(static p => p.Name), Is.EquivalentTo(trained));

        Batch batch = new(Directory.GetFiles(folder, "in_*.npy")
            .Select(static f => KeyValuePair.Create(Path.GetFileNameWithoutExtension(f)["in_".Length..], NpyFile.Read(f)))
            .Append(KeyValuePair.Create("label", NpyFile.Read(Path.Combine(folder, "label.npy")))));
        ModelOutput task = facts.RootElement.GetProperty("task").GetString() == "regression" ? new Regression() : new ImageClassification();
        ParameterSelection all = ParameterSelection.All(model.Parameters);
        DenseSink sink = new(batch.Size, all.Length);
        using (ModelResult result = model.Forward(batch)) model.Backward(task.GetOutput(result, batch), all, sink);
        double differences = 0, squares = 0;
        foreach (ModelParameter parameter in model.Parameters)
        {
            int length = (int)parameter.Length;
            for (int b = 0; b < batch.Size; b++)
            {
                for (int i = 0; i < length; i++)
                {
                    double reference = expected[parameter.Name][(b * length) + i];
                    differences += Math.Pow(sink.Gradients[(b * all.Length) + all.Offset(parameter.Name) + i] - reference, 2);
                    squares += reference * reference;
                }
            }
        }

        Assert.That(Math.Sqrt(differences), Is.LessThanOrEqualTo(Tolerance * Math.Max(Math.Sqrt(squares), 1e-20)));
    }

    private static Dictionary<string, float[]> References(string path)
    {
        Dictionary<string, float[]> arrays = new(StringComparer.Ordinal);
        string file = Path.GetTempFileName();
        using ZipArchive archive = ZipFile.OpenRead(path);
        foreach (ZipArchiveEntry entry in archive.Entries.Where(static e => e.FullName.StartsWith(Gradient, StringComparison.Ordinal)))
        {
            entry.ExtractToFile(file, overwrite: true);
            arrays.Add(entry.FullName[Gradient.Length..^".npy".Length], NpyFile.Read(file).ToFloats());
        }

        File.Delete(file);
        return arrays;
    }
}
