namespace TrakFast.TorchSharp.Tests;

internal sealed class MixingNetworkTests : MixingNetworkContract
{
    protected override IModel Open(string path) => TorchOnnxModel.Load(path);
}
