using System.Text.Json;

namespace TrakFast.Testing;

/// <summary>One of the conformance cases in tests/fixtures.</summary>
public sealed class Fixture
{
    private readonly string _folder;

    public Fixture(string name)
    {
        _folder = Path.Combine(FixtureFolder.Path, name);
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder, "case.json")));
        ParameterNames =
            [.. document.RootElement.GetProperty("parameters").EnumerateArray().Select(static p => p.GetProperty("name").GetString()!)];
        ParameterShapes = [.. document.RootElement
            .GetProperty("parameters")
            .EnumerateArray()
            .Select(static p => p.GetProperty("shape").EnumerateArray().Select(static s => s.GetInt64()).ToArray())];
        Inputs = [.. document.RootElement.GetProperty("inputs").EnumerateArray().Select(static p => p.GetString()!)];
        TaskName = document.RootElement.GetProperty("task").GetString()!;
        GradientDimension = document.RootElement.GetProperty("gradient_dim").GetInt64();
    }

    public string Model => Path.Combine(_folder, "model.onnx");

    public string[] ParameterNames { get; }

    public long[][] ParameterShapes { get; }

    public string[] Inputs { get; }

    public string TaskName { get; }

    public long GradientDimension { get; }

    public Checkpoint Checkpoint(int id) => SafetensorsFile.Read(Path.Combine(_folder, $"checkpoint_{id}.safetensors"));

    public Batch Batch(string split) => new([.. Directory.GetFiles(_folder, $"{split}.*.npy")
        .Select(static file => (Path.GetFileName(file).Split('.')[1], NpyFile.Read(file)))]);

    /// <summary>The case's task, ready for the model's weights.</summary>
    /// <param name="model">The model, with its weights.</param>
    /// <param name="overBatch">For CLIP, whether Q is over the batch, as MadryLab/trak has it, or over the contrast set.</param>
    public ModelOutput Task(IModel model, bool overBatch)
    {
        Batch train = Batch("train");
        ModelOutput task = Tasks.ByName(TaskName, TaskName != "clip" ? null : new TaskOptions
        {
            Contrast = new ContrastSet([.. Enumerable.Range(1, train.Size - 1).Select(static i => (long)i)], train.Size, train.Rows),
            ClipBatchSize = overBatch ? train.Size : null,
        });
        task.Prepare(model);
        return task;
    }

    public bool Has(int id, string split, string what) => File.Exists(Expectation(id, split, what));

    public float[] Expected(int id, string split, string what) => NpyFile.Read(Expectation(id, split, what)).ToFloats();

    private string Expectation(int id, string split, string what) => Path.Combine(_folder, $"expected_{id}.{split}.{what}.npy");
}
