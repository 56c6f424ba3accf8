using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrakFast.TorchSharp.Tests;

/// <summary>Whole modules against plain backward passes: what is captured, run again by itself, or taken with the whole model.</summary>
[TestFixture]
internal sealed class ModuleGradientTests
{
    [SetUp]
    public void Load()
    {
        TorchLibrary.Require();
        random.manual_seed(11);
    }

    private static IEnumerable<TestCaseData> OfNumbers()
    {
        yield return Case("rms norm", static () => Sequential(Linear(5, 4), new RmsNorm(4), Linear(4, 2)), "", 4, 5);
        yield return Case("rms norm, positions", static () => Sequential(Linear(5, 4), new RmsNorm(4), Linear(4, 2)), "", 4, 3, 5);
        yield return Case("raw parameters beside layers", static () => Sequential(new Scaled(5), new Scaled(5)), "", 4, 3, 5);
        yield return Case("raw positions", static () => new Patches(), "factor", 4, 3, 5);
        yield return Case("shared layers", static () => new Shared(), "", 4, 5);
        yield return Case("inputs changed in place", static () => new Centered(), "scale", 4, 5);
        yield return Case("examples on other axes", static () => new Moved(), "", 4, 3, 5);
        yield return Case("as many positions as examples", static () => new Moved(), "", 4, 4, 5);
        yield return Case("interleaved examples", static () => new Interleaved(), "layer.weight, layer.bias", 4, 3, 5);
        yield return Case(
            "experts", static () => new Experts(),
            "experts.0.weight, experts.0.bias, experts.1.weight, experts.1.bias, experts.2.weight, experts.2.bias", 7, 4);
        foreach (bool batchFirst in (bool[])[false, true])
        {
            yield return Case(
                $"lstm, batch_first {batchFirst}",
                () => new Recurrent(LSTM(5, 3, numLayers: 2, batchFirst: batchFirst, bidirectional: true), 6, batchFirst), "", 4, 3, 5);
            yield return Case(
                $"gru, batch_first {batchFirst}", () => new Recurrent(GRU(5, 3, batchFirst: batchFirst), 3, batchFirst), "", 3, 3, 5);
            yield return Case(
                $"rnn, batch_first {batchFirst}", () => new Recurrent(RNN(5, 3, batchFirst: batchFirst), 3, batchFirst), "", 4, 6, 5);
        }

        yield return Case("cells", static () => new Unrolled(), "", 4, 3, 3);
        yield return Case("attention", static () => new Recurrent(MultiheadAttention(6, 2), 6, false), "", 4, 3, 6);
        yield return Case("encoder layer", static () => new Recurrent(TransformerEncoderLayer(6, 2, 8), 6, false), "", 4, 3, 6);
    }

    [TestCaseSource(nameof(OfNumbers))]
    public void GradientsAreThoseOfPlainBackwardPasses(Func<Module<Tensor, Tensor>> make, string byExample, long[] shape)
    {
        using Module<Tensor, Tensor> module = make();
        LayerGradientTests.Spread(module);
        LogOf log = new();
        Truth.Check(module, new Batch(("input", Truth.Numbers(1, shape))), ["input"], options: new TorchOptions { Logger = log });
        Assert.That(log.Lines.Select(Parameters), Is.EqualTo(byExample.Length == 0 ? [] : new[] { byExample }));
    }

    [TestCase(true, "")]
    [TestCase(false, "token.weight")]
    public void ATiedHeadAddsToItsTable(bool tiedByModule, string byExample)
    {
        using LanguageModel module = new(tiedByModule);
        LayerGradientTests.Spread(module);
        LogOf log = new();
        using (TorchModel model = new(module))
            Assert.That(model.Parameters.Select(static p => p.Name), Is.EquivalentTo(
                new[] { "token.weight", "position.weight", "block.gamma", "block.inner.weight", "block.inner.bias", "block.norm.weight" }));
        Truth.Check(module, new Batch(("input", Truth.Ids(2, 11, 5, 4))), ["input"], options: new TorchOptions { Logger = log });
        Assert.That(log.Lines.Select(Parameters), Is.EqualTo(byExample.Length == 0 ? [] : new[] { byExample }));
    }

    [Test]
    public void PositionsThatAllExamplesShareAreKeptApart([Values(1, 4, 5)] int batch, [Values("*", "position.*")] string selected)
    {
        using LanguageModel module = new(true);
        LogOf log = new();
        Truth.Check(
            module, new Batch(("input", Truth.Ids(2, 11, batch, 4))), ["input"], patterns: [selected],
            options: new TorchOptions { Logger = log });
        Assert.That(log.Lines, Is.Empty);
    }

    [Test]
    public void BagsOfAnyModeAndLayout([Values] EmbeddingBagMode mode, [Values(false, true)] bool offsets)
    {
        using EmbeddingBag bag = EmbeddingBag(9, 4, mode: mode);
        using Linear head = Linear(4, 2);
        using Bags module = new(bag, head, offsets);
        LogOf log = new();
        Truth.Check(module, new Batch(("input", Truth.Ids(4, 9, 5, 3))), ["input"], options: new TorchOptions { Logger = log });
        Assert.That(log.Lines, Is.Empty);
    }

    [Test]
    public void ASelectionIsCapturedAlone()
    {
        using Sequential module = Sequential(Linear(5, 4), new RmsNorm(4), Linear(4, 3));
        Truth.Check(module, new Batch(("input", Truth.Numbers(3, 4, 5))), ["input"], patterns: ["1.*", "2.bias"]);
    }

    [Test]
    public void AFunctionRunsAnyModule()
    {
        using LSTM module = LSTM(3, 4, batchFirst: true);
        module.eval();
        Batch batch = new(("x", Truth.Numbers(1, 3, 5, 3)), ("h", Truth.Numbers(2, 3, 4)));
        Truth.Check(module, batch, ["x", "h"], inputs =>
        {
            (Tensor y, Tensor h, Tensor c) = module.call(inputs["x"], (inputs["h"].unsqueeze(0), zeros(1, inputs["h"].shape[0], 4)));
            return [y, h.squeeze(0), c.squeeze(0)];
        });
    }

    [Test]
    public void APartOfAModelWithoutAGraphHasNoGradient()
    {
        using Sequential body = Sequential(Linear(5, 4), Tanh());
        using Linear head = Linear(4, 3);
        using Sequential module = Sequential(("body", body), ("head", head));
        using TorchModel model = new(module, inputs =>
        {
            Tensor x;
            using (no_grad()) x = body.call(inputs["input"]);
            return [head.call(x)];
        }, ["input"]);
        Batch batch = new(("input", Truth.Numbers(3, 4, 5)));
        ParameterSelection all = ParameterSelection.All(model.Parameters);
        DenseSink sink = new(4, all.Length);
        using ModelResult result = model.Forward(batch);
        model.Backward(result.First.Sum(1), all, sink);
        long[] reached = [.. sink.Blocks.Select(b => all.MatrixAt(b.Offset).Offset).Distinct()];
        Assert.That(reached, Is.EquivalentTo(new[] { all.Offset("head.weight"), all.Offset("head.bias") }));
    }

    [Test]
    public void SizesThatDependOnTheDataAreFoundLater()
    {
        using Experts module = new();
        using TorchModel model = new(module);
        ParameterSelection all = ParameterSelection.All(model.Parameters);
        float[] same = Truth.Numbers(6, 4, 4).ToFloats(), mixed = [.. same];

        // At first every example goes to one expert, as if each had its row in that layer.
        for (int b = 0; b < 4; b++) (same[4 * b], mixed[4 * b]) = (0.31f, 0.1f * (b + 0.5f));
        foreach (float[] values in (float[][])[same, same, mixed])
        {
            Batch batch = new(("input", DataArray.From(values, 4, 4)));
            float[] together = TorchModelTests.Featurize(model, batch);
            for (int b = 0; b < 4; b++)
            {
                using TorchModel fresh = new(Unfrozen(module));
                float[] alone = TorchModelTests.Featurize(fresh, batch.Rows(b, 1));
                Assert.That(Close.RelativeError(together.AsSpan((int)(b * all.Length), (int)all.Length), alone), Is.LessThan(1e-5));
            }
        }
    }

    [Test]
    public void SequencesMayHaveAnyLength()
    {
        using LanguageModel module = new(true);
        using Unrolled cells = new();
        Truth.Check(
            module,
            [
                new(("input", Truth.Ids(1, 11, 3, 2))),
                new(("input", Truth.Ids(2, 11, 4, 7))),
                new(("input", Truth.Ids(3, 11, 2, 4))),
                new(("input", Truth.Ids(4, 11, 7, 7)))
            ],
            ["input"]);
        Truth.Check(
            cells,
            [
                new(("input", Truth.Numbers(1, 3, 2, 3))),
                new(("input", Truth.Numbers(2, 4, 5, 3))),
                new(("input", Truth.Numbers(3, 4, 1, 3)))
            ],
            ["input"]);
    }

    // A second model finds what the first has frozen, so it gets a copy.
    private static Experts Unfrozen(Experts module)
    {
        Experts copy = new();
        copy.load_state_dict(module.state_dict());
        return copy;
    }

    [Test]
    public void ACallThatHooksDoNotSeeIsTakenWithTheWholeModel()
    {
        using TransformerEncoderLayer layer = TransformerEncoderLayer(6, 2, 8);
        using Sequential module = Sequential(("layer", layer), ("head", Linear(6, 2)));
        module.eval();
        Batch batch = new(
            ("x", Truth.Numbers(1, 3, 4, 6)),
            ("mask", DataArray.From([false, false, false, true, false, false, true, true, false, false, false, false], 3, 4)));
        LogOf log = new();
        Truth.Check(module, batch, ["x", "mask"], inputs =>
        {
            using Tensor none = zeros(4, 4);
            Tensor y = layer.call(inputs["x"].transpose(0, 1), none, inputs["mask"]);
            return [((Linear)module[1]).call(y.transpose(0, 1))];
        }, options: new TorchOptions { Logger = log });
        Assert.That(log.Lines, Has.Count.EqualTo(1).And.All.Contains("layer.linear1.weight").And.None.Contains("head"));
    }

    private static string Parameters(string line) => line["Gradients of ".Length..line.IndexOf(" are taken", StringComparison.Ordinal)];

    private static TestCaseData Case(string name, Func<Module<Tensor, Tensor>> make, string byExample, params long[] shape) =>
        new TestCaseData(make, byExample, shape).SetArgDisplayNames(name);

    private sealed class Bags : Sample
    {
        private readonly EmbeddingBag bag;
        private readonly Linear head;
        private readonly bool _offsets;

        public Bags(EmbeddingBag bag, Linear head, bool offsets)
        {
            (this.bag, this.head, _offsets) = (bag, head, offsets);
            RegisterComponents();
        }

        // With offsets, each example's bag has another length: the first id says how many more are in it.
        public override Tensor forward(Tensor ids)
        {
            if (!_offsets) return head.call(bag.call(ids));
            Tensor counts = ids.select(1, 0).remainder(3) + 1;
            Tensor kept = arange(ids.shape[1], dtype: ScalarType.Int64).unsqueeze(0) < counts.unsqueeze(1);
            return head.call(bag.call(ids.masked_select(kept), counts.cumsum(0) - counts));
        }
    }
}
