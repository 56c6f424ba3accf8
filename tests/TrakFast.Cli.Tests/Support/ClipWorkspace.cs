using TrakFast.Onnx;

namespace TrakFast.Cli.Tests.Support;

/// <summary>A small CLIP with its files, and <c>run</c> on them.</summary>
internal sealed class ClipWorkspace : IDisposable
{
    public ClipWorkspace()
    {
        Root = Directory.CreateTempSubdirectory("trakfast-clip-").FullName;
        OnnxFile.Write(TwoTowers.Graph(), this["model.onnx"]);
        foreach (int id in new[] { 0, 1 }) SafetensorsFile.Write(this[$"checkpoint_{id}.safetensors"], TwoTowers.Weights(id).Tensors);
        foreach ((string set, Batch examples) in new[]
        {
            ("train", TwoTowers.Examples(1, TwoTowers.TrainSize)),
            ("target", TwoTowers.Examples(2, TwoTowers.TargetCount))
        })
        {
            foreach (string name in examples.Names) NpyFile.Write(this[$"{set}.{name}.npy"], examples[name]);
        }
    }

    public string Root { get; }

    public string Save => this["save"];

    public string this[params string[] parts] => Path.Combine([Root, .. parts]);

    public ToolResult Run(string more = "") => ToolResult.Of(
    [
        .. $"run --task clip --model {this["model.onnx"]} --checkpoint {this["checkpoint_0.safetensors"]} {this["checkpoint_1.safetensors"]}".Split(' '),
        .. $"--train image={this["train.image.npy"]} text={this["train.text.npy"]} --target image={this["target.image.npy"]} text={this["target.text.npy"]}".Split(' '),
        .. $"--save-dir {Save} --projection-dim 16 --threads 1 {more}".Split(' ', StringSplitOptions.RemoveEmptyEntries),
    ]);

    public float[] Scores() => NpyFile.Read(this["save", "scores", "default.mmap"]).ToFloats();

    public float[] OutToLoss() => NpyFile.Read(this["save", "0", "out_to_loss.mmap"]).ToFloats();

    public string Settings() => File.ReadAllText(this["save", "trakfast.json"]);

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
