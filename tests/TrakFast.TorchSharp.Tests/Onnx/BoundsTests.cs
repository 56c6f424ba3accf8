using TrakFast.Onnx;

namespace TrakFast.TorchSharp.Tests;

internal sealed class BoundsTests : BoundsContract
{
    protected override IModel Open(OnnxGraph graph, int threads = 1) => new TorchOnnxModel(graph);
}
