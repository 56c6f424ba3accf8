using TrakFast.Kernels;
using static TorchSharp.torch;

namespace TrakFast.TorchSharp.Tests;

/// <summary>A model saved by PyTorch.</summary>
[TestFixture]
internal sealed class TorchScriptTests
{
    private static string File => Path.Combine(FixtureFolder.Path, "torchscript", "net.pt");

    [Test]
    public void GradientsAreThoseOfPlainBackwardPasses()
    {
        TorchLibrary.Require();
        using jit.ScriptModule module = jit.load(File);
        using (TorchModel model = new(module, ["image"], ["logits", "mean"]))
        {
            Assert.That(
                model.Parameters.Select(static p => p.Name),
                Is.EqualTo(new[] { "conv.weight", "conv.bias", "norm.weight", "norm.bias", "head.weight" }));
            model.Load(TorchCheckpoint.From(module));
            Assert.That(
                () => model.Load(new Checkpoint("none", new Dictionary<string, DataArray>())),
                Throws.InstanceOf<TrakException>().With.Message.Contains("norm.running_mean [3]").And.Message.Contains("head.bias [4]"));
            Assert.That(
                () => model.Forward(new Batch(("image", Truth.Numbers(1, 2, 5)))),
                Throws.InstanceOf<TrakException>().With.Message.Contains("[2, 5]"));
        }

        LogOf log = new();
        Truth.Check(module, new Batch(("image", Truth.Numbers(1, 4, 1, 8, 8))), ["image"], options: new TorchOptions { Logger = log });
        Assert.That(log.Lines, Has.Count.EqualTo(1));

        Truth.Check(
            module, new Batch(("image", Truth.Numbers(1, 4, 1, 8, 8))), ["image"],
            options: new TorchOptions { Precision = ElementType.Float16 }, tolerance: 0.02);
        module.train();
        using TorchModel training = new(module, ["image"]);
        Assert.That(
            () => training.Forward(new Batch(("image", Truth.Numbers(1, 4, 1, 8, 8)))),
            Throws.InstanceOf<TrakException>().With.Message.Contains("training mode"));
    }
}
