using TrakFast.Kernels;

namespace TrakFast.Onnx.Tests;

internal sealed class NormalisingGradientTests : NormalisingGradientContract
{
    protected override IModel Open(OnnxGraph graph, int threads = 1) => new OnnxModel(graph, new OnnxOptions { Workers = new Workers(threads), Poison = true });
}
