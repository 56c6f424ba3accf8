namespace TrakFast.Onnx.Tests;

[TestFixture]
internal sealed class HostVariableTests : VariableContract
{
    protected override Variable Leaf(float[] values, params long[] shape) => HostVariable.Leaf(new HostArrays(), values, shape);
}
