using TrakFast.Cli.Engines;
using TrakFast.Onnx;
using TrakFast.TorchSharp;

namespace TrakFast.Cli.TorchSharp;

/// <summary>torch's engine of ONNX graphs, for the commands of the tool.</summary>
internal sealed class TorchEngine : ITorchEngine
{
    /// <inheritdoc/>
    public void UseLibraries(string directory) => TorchLibrary.UseFolder(directory);

    /// <inheritdoc/>
    public bool IsAvailable(string device, out string detail) => TorchLibrary.HasDevice(device, out detail);

    /// <inheritdoc/>
    public IModel Open(OnnxGraph graph, string device, int threads)
    {
        TorchLibrary.Require();
        global::TorchSharp.torch.set_num_threads(threads);
        return new TorchOnnxModel(graph, new TorchOptions { Device = device });
    }
}
