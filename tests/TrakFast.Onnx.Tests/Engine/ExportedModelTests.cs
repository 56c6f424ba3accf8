namespace TrakFast.Onnx.Tests;

internal sealed class ExportedModelTests : ExportedModelContract
{
    protected override IModel Open(string path) => OnnxModel.Load(path);
}
