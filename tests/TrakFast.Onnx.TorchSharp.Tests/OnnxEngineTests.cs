namespace TrakFast.TorchSharp.Tests;

internal sealed class OnnxEngineTests : EngineContract
{
    protected override double BatchTolerance => 1e-5;

    protected override IModel Open(Fixture fixture, int threads) => TorchOnnxModel.Load(fixture.Model);
}
