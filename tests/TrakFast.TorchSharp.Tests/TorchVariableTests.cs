using TorchSharp;

namespace TrakFast.TorchSharp.Tests;

[TestFixture]
internal sealed class TorchVariableTests : VariableContract
{
    private DisposeScope? _scope;

    [SetUp]
    public void Open()
    {
        TorchLibrary.Require();
        _scope = torch.NewDisposeScope();
    }

    [TearDown]
    public void Close() => _scope?.Dispose();

    [Test]
    public void OperationsOfTorchMixWithTasks()
    {
        TorchVariable x = (TorchVariable)Leaf([1, 2, 3], 3);
        Variable y = new TorchVariable(x.Tensor.square()) + x;
        Assert.That(y.ToArray(), Is.EqualTo(new[] { 2f, 6, 12 }));
        Assert.That(y.GradientWith(x).ToArray(), Is.EqualTo(new[] { 3f, 5, 7 }));
        Assert.That(y.GradientWith(x).ToArray(), Is.EqualTo(new[] { 3f, 5, 7 }), "asked twice");
        Assert.That(
            () => new TorchVariable(torch.zeros(2, dtype: torch.ScalarType.Int64)),
            Throws.InstanceOf<TrakException>().With.Message.Contains("Int64"));
    }

    protected override Variable Leaf(float[] values, params long[] shape) =>
        new TorchVariable(torch.tensor(values, shape).requires_grad_());
}
