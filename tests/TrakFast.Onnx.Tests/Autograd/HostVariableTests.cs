namespace TrakFast.Onnx.Tests;

internal sealed class HostVariableTests : VariableContract
{
    protected override IModel Open(OnnxGraph graph, int threads = 1) => Managed.Open(graph, threads);

    protected override Variable Leaf(float[] values, params long[] shape) => HostVariable.Leaf(new HostArrays(), values, shape);
}
