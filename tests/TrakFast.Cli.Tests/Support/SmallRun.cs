using TrakFast.Onnx;

namespace TrakFast.Cli.Tests.Support;

/// <summary>The smallest run that uses every part: a network of a few dozen weights, six examples, two targets.</summary>
internal sealed class SmallRun : IDisposable
{
    public SmallRun()
    {
        Root = Directory.CreateTempSubdirectory("trakfast-small-").FullName;
        GraphBuilder net = new("small");
        LayerValue x = net.Relu(net.BatchNorm(net.Conv(net.Input("image", 1, 4, 4), "conv", 2, 3), "norm"));
        net.Output(net.Linear(net.Flatten(net.AveragePool(net.MaxPool(x, 2), 2)), "head", 3));
        using OnnxModel model = new(net.Build());
        WeightInitializer.Initialize(model, 1);
        Checkpoint weights = model.ToCheckpoint("small");
        OnnxFile.Write(model.Graph, Path.Combine(Root, "model.onnx"));
        SafetensorsFile.Write(Path.Combine(Root, "weights.safetensors"), weights.Tensors);
        Random random = new(7);
        foreach ((string set, int count) in new[] { ("train", 6), ("target", 2) })
        {
            NpyFile.Write(
                Path.Combine(Root, $"{set}.image.npy"),
                DataArray.From([.. Enumerable.Range(0, count * 16).Select(_ => random.NextSingle())], count, 1, 4, 4));
            NpyFile.Write(
                Path.Combine(Root, $"{set}.label.npy"), DataArray.From([.. Enumerable.Range(0, count).Select(static i => i % 3L)], count));
        }
    }

    public string Root { get; }

    public string Save => Path.Combine(Root, "save");

    public ToolResult Run(params string[] more) => ToolResult.Of(
    [
        "run", "--task", "image_classification", "--model", File("model.onnx"), "--checkpoint", File("weights.safetensors"),
        "--train", $"image={File("train.image.npy")}", $"label={File("train.label.npy")}",
        "--target", $"image={File("target.image.npy")}", $"label={File("target.label.npy")}",
        "--save-dir", Save, "--projection-dim", "4", "--threads", "1", .. more,
    ]);

    public ToolResult Top() => ToolResult.Of(["top", "--save-dir", Save]);

    public string File(string name) => Path.Combine(Root, name);

    /// <summary>Puts the save directory back as it was.</summary>
    public void Restore(IReadOnlyDictionary<string, byte[]> files)
    {
        if (Directory.Exists(Save)) Directory.Delete(Save, recursive: true);
        foreach ((string path, byte[] bytes) in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            System.IO.File.WriteAllBytes(path, bytes);
        }
    }

    /// <summary>Every file of the save directory.</summary>
    public IReadOnlyDictionary<string, byte[]> Files() =>
        Directory.GetFiles(Save, "*", SearchOption.AllDirectories).ToDictionary(static path => path, System.IO.File.ReadAllBytes);

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
