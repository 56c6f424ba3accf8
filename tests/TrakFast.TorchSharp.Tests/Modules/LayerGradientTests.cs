using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrakFast.TorchSharp.Tests;

/// <summary>Every kind of layer against plain backward passes, and that none of them needs the whole model run by example.</summary>
[TestFixture]
internal sealed class LayerGradientTests
{
    private static IEnumerable<TestCaseData> OfNumbers()
    {
        yield return Case("linear", () => Linear(5, 3), 4, 5);
        yield return Case("linear without bias", () => Linear(5, 3, hasBias: false), 4, 5);
        yield return Case("linear, one position", () => Linear(5, 3), 4, 1, 5);
        yield return Case("linear, positions", () => Linear(5, 3), 4, 7, 5);
        yield return Case("linear, two axes of positions", () => Linear(5, 3), 4, 2, 3, 5);
        yield return Case("linear, one example", () => Linear(5, 3), 1, 7, 5);
        yield return Case("linear, as many positions as examples", () => Linear(5, 3), 4, 4, 5);
        yield return Case("conv1d", () => Conv1d(3, 4, 3), 4, 3, 11);
        yield return Case(
            "conv1d, stride, padding, dilation, groups", () => Conv1d(4, 6, 3, stride: 2, padding: 3, dilation: 2, groups: 2), 3, 4, 13);
        yield return Case("conv2d", () => Conv2d(2, 3, (3, 2), stride: (2, 1), padding: (1, 2), dilation: (1, 2)), 3, 2, 7, 6);
        yield return Case("conv2d, depthwise", () => Conv2d(4, 8, 3, groups: 4, bias: false), 3, 4, 5, 5);
        yield return Case("conv2d, same", () => Conv2d(2, 3, (2, 4), padding: Padding.Same, dilation: (3, 1)), 3, 2, 7, 6);
        yield return Case("conv2d, valid", () => Conv2d(2, 3, 3, padding: Padding.Valid, stride: 2), 3, 2, 7, 6);
        foreach (PaddingModes mode in (PaddingModes[])[PaddingModes.Reflect, PaddingModes.Replicate, PaddingModes.Circular])
        {
            yield return Case($"conv1d, {mode}", () => Conv1d(2, 3, 3, padding: 2, stride: 2, padding_mode: mode), 3, 2, 9);
            yield return Case($"conv2d, {mode}", () => Conv2d(2, 3, (3, 3), padding: (1, 2), padding_mode: mode), 3, 2, 6, 5);
            yield return Case($"conv2d, {mode}, same", () => Conv2d(2, 3, 4, padding: Padding.Same, padding_mode: mode), 3, 2, 6, 6);
        }

        yield return Case("conv3d", () => Conv3d(2, 4, (2, 3, 1), stride: (1, 2, 1), padding: (1, 0, 1), groups: 2), 3, 2, 3, 5, 2);
        yield return Case("conv3d, replicate", () => Conv3d(2, 3, 3, padding: 1, padding_mode: PaddingModes.Replicate), 2, 2, 3, 4, 3);
        yield return Case("transposed conv1d", () => ConvTranspose1d(3, 4, 3, stride: 2, padding: 1, output_padding: 1), 3, 3, 5);
        yield return Case(
            "transposed conv1d, more output padding than stride",
            () => ConvTranspose1d(3, 4, 3, stride: 1, dilation: 3, output_padding: 2), 3, 3, 5);
        yield return Case(
            "transposed conv2d",
            () => ConvTranspose2d(4, 6, (3, 2), stride: (2, 3), padding: (1, 0), dilation: (1, 2), groups: 2), 3, 4, 3, 4);
        yield return Case("transposed conv3d", () => ConvTranspose3d(2, 3, 2, stride: 2, output_padding: 1, bias: false), 2, 2, 2, 3, 2);
        yield return Case("layer norm", () => LayerNorm(6), 4, 6);
        yield return Case("layer norm, positions", () => LayerNorm([3, 6]), 4, 5, 3, 6);
        yield return Case("group norm", () => GroupNorm(2, 6), 4, 6, 5);
        yield return Case("group norm, pixels", () => GroupNorm(3, 6), 4, 6, 3, 4);
        yield return Case("batch norm", () => Evaluated(BatchNorm1d(5)), 4, 5);
        yield return Case("batch norm, positions", () => Evaluated(BatchNorm1d(5)), 4, 5, 3);
        yield return Case("batch norm, pixels", () => Evaluated(BatchNorm2d(3)), 4, 3, 4, 2);
        yield return Case("batch norm, voxels", () => Evaluated(BatchNorm3d(3)), 2, 3, 2, 2, 3);
        yield return Case("instance norm", () => InstanceNorm1d(3, affine: true), 4, 3, 6);
        yield return Case("instance norm, pixels", () => InstanceNorm2d(3, affine: true), 4, 3, 6, 2);
        yield return Case(
            "instance norm, running statistics", () => Evaluated(InstanceNorm2d(3, affine: true, track_running_stats: true)), 4, 3, 6, 2);
        yield return Case("instance norm, voxels", () => InstanceNorm3d(2, affine: true), 2, 2, 3, 2, 3);
        yield return Case("prelu", () => PReLU(1), 4, 3, 5);
        yield return Case("prelu, channels", () => PReLU(3), 4, 3, 5);
        yield return Case("prelu, channels alone", () => PReLU(3), 4, 3);
        yield return Case(
            "nested",
            () => Sequential(Linear(6, 5), ReLU(inplace: true), Sequential(Linear(5, 4), LayerNorm(4)), ReLU(inplace: true), Linear(4, 3)),
            4, 6);
        yield return Case(
            "in place before",
            () => Sequential(ReLU(inplace: true), Linear(6, 5), LeakyReLU(0.3, inplace: true), Linear(5, 2), Tanh()), 4, 6);
        yield return Case(
            "convolutions",
            () => Evaluated(Sequential(
                Conv2d(1, 4, 3, padding: 1), BatchNorm2d(4), ReLU(inplace: true), MaxPool2d(2), Conv2d(4, 3, 2), Flatten(), Linear(12, 2))),
            4, 1, 6, 6);
    }

    [TestCaseSource(nameof(OfNumbers))]
    public void GradientsAreThoseOfPlainBackwardPasses(Func<nn.Module<Tensor, Tensor>> make, long[] shape)
    {
        TorchLibrary.Require();
        random.manual_seed(5);
        using nn.Module<Tensor, Tensor> module = make();
        Spread(module);
        LogOf log = new();
        Truth.Check(module, new Batch(("input", Truth.Numbers(1, shape))), ["input"], options: new TorchOptions { Logger = log });
        Assert.That(log.Lines, Is.Empty);
    }

    [TestCase(-1)]
    [TestCase(2)]
    public void AnEmbeddingsPaddingRowHasNoGradient(int padding)
    {
        TorchLibrary.Require();
        using Sequential module = Sequential(padding < 0 ? Embedding(7, 4) : Embedding(7, 4, padding_idx: padding), Linear(4, 3));
        Spread(module);
        LogOf log = new();
        Truth.Check(module, new Batch(("input", Truth.Ids(3, 7, 5, 6))), ["input"], options: new TorchOptions { Logger = log });
        Assert.That(log.Lines, Is.Empty);
    }

    [Test]
    public void ABilinearLayerHasTwoFactors([Values(false, true)] bool positions)
    {
        TorchLibrary.Require();
        using Bilinear module = Bilinear(3, 4, 5);
        Batch batch = positions
            ? new(("a", Truth.Numbers(1, 4, 2, 3)), ("b", Truth.Numbers(2, 4, 2, 4)))
            : new(("a", Truth.Numbers(1, 4, 3)), ("b", Truth.Numbers(2, 4, 4)));
        Truth.Check(module, batch, ["a", "b"]);
    }

    /// <summary>Weights and statistics that are not the ones and zeros that layers start with.</summary>
    internal static void Spread(nn.Module module)
    {
        using IDisposable untracked = no_grad();
        foreach ((string name, Tensor value) in module.state_dict())
        {
            if (!value.is_floating_point()) continue;
            using Tensor noise = rand(value.shape);
            if (name.EndsWith("running_var", StringComparison.Ordinal)) value.add_(noise);
            else value.add_(noise - 0.5f, 0.6f);
        }
    }

    private static T Evaluated<T>(T module)
        where T : nn.Module
    {
        module.eval();
        return module;
    }

    private static TestCaseData Case(string name, Func<nn.Module<Tensor, Tensor>> make, params long[] shape) =>
        new TestCaseData(make, shape).SetArgDisplayNames(name);
}
