namespace TrakFast.Onnx.Tests;

internal sealed class ExportedNetworkTests : ExportedNetworkContract
{
    protected override IModel Open(string path) => OnnxModel.Load(path, new OnnxOptions { Poison = true });
}
