using System.Text.Json;
using TrakFast.Kernels;
using TrakFast.Onnx;

namespace TrakFast.Tests.Support;

/// <summary>A conformance case as a user would hold it: model, checkpoints, training examples and targets.</summary>
internal sealed class ConformanceCase : IDisposable
{
    public ConformanceCase(string name, int threads = 1)
    {
        Name = name;
        Model = OnnxModel.Load(Fixtures.Path(name, "model.onnx"), new OnnxOptions { Workers = new Workers(threads) });
        Train = Read("train");
        Targets = Read("target");
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Fixtures.Path(name, "case.json")));
        TaskName = document.RootElement.GetProperty("task").GetString()!;
        Checkpoints = [.. new[] { 0, 1 }.Select(id => SafetensorsFile.Read(Fixtures.Path(name, $"checkpoint_{id}.safetensors")))];
    }

    public string Name { get; }

    public string TaskName { get; }

    public OnnxModel Model { get; }

    public Batch Train { get; }

    public Batch Targets { get; }

    public IReadOnlyList<Checkpoint> Checkpoints { get; }

    public void Dispose() => Model.Dispose();

    /// <summary>Training examples that run at once: all where Q is over the batch.</summary>
    public int BatchSize => TaskName == "clip" ? Train.Size : 17;

    /// <summary>The case's task.</summary>
    /// <param name="overBatch">For CLIP, whether Q is over the batch, as MadryLab/trak has it, or over the contrast set.</param>
    public ModelOutput Task(bool overBatch = true) => TrakFast.Tasks.ByName(TaskName, TaskName != "clip" ? null : new TaskOptions
    {
        Contrast = new ContrastSet([.. Enumerable.Range(1, Train.Size - 1).Select(static i => (long)i)], Train.Size, Train.Rows),
        ClipBatchSize = overBatch ? BatchSize : null,
    });

    public float[] Expected(string file) => Fixtures.Floats(Name, $"expected{file}.npy");

    private Batch Read(string split) => new([.. Directory.GetFiles(Fixtures.Path(Name), $"{split}.*.npy")
        .Select(static file => (Path.GetFileName(file).Split('.')[1], NpyFile.Read(file)))]);
}
