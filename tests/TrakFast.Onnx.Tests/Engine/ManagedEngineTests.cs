using TrakFast.Kernels;

namespace TrakFast.Onnx.Tests;

[TestFixture]
internal sealed class ManagedEngineTests : EngineContract
{
    protected override IModel Open(string path, int threads) => OnnxModel.Load(path, new OnnxOptions { Workers = new Workers(threads) });
}
