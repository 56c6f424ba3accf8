namespace TrakFast.TorchSharp.Tests;

internal sealed class ExportedNetworkTests : ExportedNetworkContract
{
    protected override double BatchTolerance => 1e-5;

    protected override IModel Open(string path) => TorchOnnxModel.Load(path);
}
