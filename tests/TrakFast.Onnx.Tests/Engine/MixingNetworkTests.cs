namespace TrakFast.Onnx.Tests;

internal sealed class MixingNetworkTests : MixingNetworkContract
{
    protected override IModel Open(string path) => OnnxModel.Load(path);
}
