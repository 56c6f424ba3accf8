namespace TrakFast.Onnx.Tests;

internal sealed class TrainedParameterTests : TrainedParameterContract
{
    protected override IModel Open(string path) => OnnxModel.Load(path, new OnnxOptions { Poison = true });
}
