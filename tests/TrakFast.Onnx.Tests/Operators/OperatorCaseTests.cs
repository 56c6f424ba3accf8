namespace TrakFast.Onnx.Tests;

internal sealed class OperatorCaseTests : OperatorCaseContract
{
    protected override IModel Open(string path) => OnnxModel.Load(path, new OnnxOptions { Poison = true });
}
