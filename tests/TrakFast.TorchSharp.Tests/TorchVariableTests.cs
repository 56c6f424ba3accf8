using TorchSharp;

namespace TrakFast.TorchSharp.Tests;

internal sealed class TorchVariableTests
{
    [Test]
    public void TheLibraryLoads() => Assert.That(TorchLibrary.IsAvailable(out string detail), Is.True, detail);

    [Test]
    public void GradientsFlowToALeaf()
    {
        TorchLibrary.Require();
        using DisposeScope scope = torch.NewDisposeScope();
        Variable x = new TorchVariable(torch.tensor(new[] { 1f, 2, 3 })).Detach();
        Variable y = (x * x).Sum();
        Assert.That(y.ToArray(), Is.EqualTo(new[] { 14f }));
        Assert.That(y.GradientWith(x).ToArray(), Is.EqualTo(new[] { 2f, 4, 6 }));
        Assert.That(y.GradientWith(x).ToArray(), Is.EqualTo(new[] { 2f, 4, 6 }));
    }
}
