using TorchSharp;
using TrakFast.Onnx;

namespace TrakFast.TorchSharp.Tests;

internal sealed class VariableTests : VariableContract
{
    protected override IModel Open(OnnxGraph graph, int threads = 1) => Torch.Open(graph);

    protected override Variable Leaf(float[] values, params long[] shape)
    {
        TorchLibrary.Require();
        return new TorchVariable(torch.tensor(values, shape)).Detach();
    }
}
