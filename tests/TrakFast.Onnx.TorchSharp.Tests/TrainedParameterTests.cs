namespace TrakFast.TorchSharp.Tests;

internal sealed class TrainedParameterTests : TrainedParameterContract
{
    protected override IModel Open(string path) => TorchOnnxModel.Load(path);
}
