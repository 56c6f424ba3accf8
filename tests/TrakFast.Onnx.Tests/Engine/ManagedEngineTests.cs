using TrakFast.Kernels;

namespace TrakFast.Onnx.Tests;

[TestFixture]
internal sealed class ManagedEngineTests : EngineContract
{
    protected override IModel Open(Fixture fixture, int threads) =>
        OnnxModel.Load(fixture.Model, new OnnxOptions { Workers = new Workers(threads) });
}
