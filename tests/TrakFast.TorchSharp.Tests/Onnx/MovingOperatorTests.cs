using TrakFast.Onnx;

namespace TrakFast.TorchSharp.Tests;

internal sealed class MovingOperatorTests : MovingOperatorContract
{
    protected override double BatchTolerance => 1e-5;

    protected override IModel Open(OnnxGraph graph, int threads = 1) => new TorchOnnxModel(graph);
}
