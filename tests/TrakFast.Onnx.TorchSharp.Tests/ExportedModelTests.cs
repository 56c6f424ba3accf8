namespace TrakFast.TorchSharp.Tests;

internal sealed class ExportedModelTests : ExportedModelContract
{
    protected override double BatchTolerance => 1e-5;

    protected override IModel Open(string path) => TorchOnnxModel.Load(path);
}
