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
        Checkpoints = [.. new[] { 0, 1 }.Select(id => SafetensorsFile.Read(Fixtures.Path(name, $"checkpoint_{id}.safetensors")))];
    }

    public string Name { get; }

    public OnnxModel Model { get; }

    public Batch Train { get; }

    public Batch Targets { get; }

    public IReadOnlyList<Checkpoint> Checkpoints { get; }

    public void Dispose() => Model.Dispose();

    public float[] Expected(string file) => Fixtures.Floats(Name, $"expected{file}.npy");

    private Batch Read(string split) =>
        new(("image", NpyFile.Read(Fixtures.Path(Name, $"{split}.image.npy"))), ("label", NpyFile.Read(Fixtures.Path(Name, $"{split}.label.npy"))));
}
