using TorchSharp.Modules;
using TrakFast.Kernels;
using TrakFast.TorchSharp.Engines;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrakFast.TorchSharp.Tests;

/// <summary>What the engine promises beside gradients.</summary>
[TestFixture]
internal sealed class TorchModelTests
{
    [SetUp]
    public void Load()
    {
        TorchLibrary.Require();
        random.manual_seed(7);
    }

    [Test]
    public void ModulesThatMixExamplesOrDropValuesAreNamed()
    {
        Refused(Sequential(("body", BatchNorm1d(3))), "BatchNorm1d 'body' is in training mode");
        Refused(
            Sequential(("body", BatchNorm1d(3, track_running_stats: false))),
            "BatchNorm1d 'body' has no running statistics", evaluate: true);
        Refused(Sequential(("fc", Linear(3, 3)), ("drop", Dropout(0.25))), "Dropout 'drop' (p = 0.25) is in training mode");
        Refused(Sequential(("inner", Sequential(("drop", Dropout2d(0.5))))), "Dropout2d 'inner.drop'");
        Refused(Sequential(("norm", InstanceNorm1d(3, track_running_stats: true))), "InstanceNorm1d 'norm'");
        using Sequential harmless = Sequential(Dropout(0), Linear(3, 3), Dropout(0.5));
        using TorchModel model = new(harmless);
        Assert.That(() => model.Forward(Numbers(2, 3)), Throws.InstanceOf<TrakException>());
        harmless.eval();
        using ModelResult result = model.Forward(Numbers(2, 3));
        Assert.That(result.First.Shape, Is.EqualTo(new[] { 2, 3 }));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void MixingThatNoLayerTellsOfIsFound(bool random)
    {
        using Linear module = Linear(3, 4);
        using TorchModel model = new(
            module,
            inputs => [random
                ? functional.dropout(module.call(inputs["input"]), 0.5, training: true)
                : module.call(inputs["input"] - inputs["input"].mean([0], keepdim: true))],
            ["input"],
            ["logits"]);
        Assert.That(
            () => Featurize(model, Numbers(8, 3)),
            Throws.InstanceOf<TrakException>().With.Message.Contains("'logits' of the first example").And.Message.Contains("away from"));
    }

    [Test]
    public void TheModuleIsGivenBackAsItWas()
    {
        using Sequential module = Sequential(("a", Linear(3, 4)), ("b", Linear(4, 2)));
        module.get_parameter("b.bias")!.requires_grad = false;
        autograd.backward([module.call(ones(1, 3)).sum()], null!);
        float[] gradient = TorchMemory.ToArray(module.get_parameter("a.weight")!.grad!).ToFloats();
        using (TorchModel model = new(module))
        {
            Assert.That(module.parameters().Any(static p => p.requires_grad), Is.False);
            Assert.That(model.Parameters.Select(static p => p.Name), Is.EqualTo(new[] { "a.weight", "a.bias", "b.weight" }));
            Featurize(model, Numbers(2, 3));
        }

        Assert.That(
            module.named_parameters().Where(static p => p.parameter.requires_grad).Select(static p => p.name),
            Is.EqualTo(new[] { "a.weight", "a.bias", "b.weight" }));
        Assert.That(TorchMemory.ToArray(module.get_parameter("a.weight")!.grad!).ToFloats(), Is.EqualTo(gradient));
        Tensor y = module.call(ones(1, 3));
        Assert.That(y.requires_grad, Is.True);
    }

    [Test]
    public void NothingIsLeftAliveAfterManyBatches()
    {
        using LanguageModel module = new(false);
        using TorchModel model = new(module);
        Batch batch = new(("input", Truth.Ids(1, 11, 3, 4)));
        Featurize(model, batch);
        Featurize(model, batch);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        long before = Tensor.TotalCount;
        for (int i = 0; i < 200; i++)
        {
            Featurize(model, batch);
            if (i % 50 == 0) Assert.That(() => Featurize(model, batch, throws: true), Throws.InvalidOperationException);
        }

        Assert.That(Tensor.TotalCount, Is.EqualTo(before));
    }

    [Test]
    public void WhatComesOutOfOrderIsRefused()
    {
        using Sequential module = Sequential(Linear(3, 4), Tanh(), Linear(4, 2));
        TorchModel model = new(module);
        ParameterSelection all = ParameterSelection.All(model.Parameters), some = ParameterSelection.Matching(model.Parameters, ["0.*"]);
        Batch batch = Numbers(2, 3);
        using (ModelResult result = model.Forward(batch, some))
        {
            Variable f = result.First.Sum(1);
            Assert.That(() => model.Backward(f, all, Sink(all)), Throws.InvalidOperationException.With.Message.Contains("2.weight"));
            model.Backward(f, some, Sink(some));
            Assert.That(() => model.Backward(f, some, Sink(some)), Throws.InvalidOperationException.With.Message.Contains("already"));
        }

        using (ModelResult result = model.Forward(batch))
        {
            Variable f = result.First.Sum(1);
            model.Load(TorchCheckpoint.From(module));
            Assert.That(() => model.Backward(f, all, Sink(all)), Throws.InvalidOperationException.With.Message.Contains("replaced"));
        }

        Variable late;
        using (ModelResult result = model.Forward(batch)) late = result.First.Sum(1);
        Assert.That(() => model.Backward(late, all, Sink(all)), Throws.TypeOf<ObjectDisposedException>());
        ModelResult outlives = model.Forward(batch);
        model.Dispose();
        Assert.That(outlives.First.ToArray(), Has.Length.EqualTo(4));
        outlives.Dispose();
        Assert.That(() => model.Forward(batch), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void OfSeveralPassesEachIsWalkedBackByItself()
    {
        using Sequential module = Sequential(Linear(3, 4), Tanh(), Linear(4, 2));
        using TorchModel model = new(module);
        ParameterSelection all = ParameterSelection.All(model.Parameters);
        Batch first = Numbers(2, 3), second = new(("input", Truth.Numbers(9, 2, 3)));
        float[] expectedFirst = Featurize(model, first), expectedSecond = Featurize(model, second);
        using ModelResult one = model.Forward(first), two = model.Forward(second);
        Variable f1 = one.First.Sum(1), f2 = two.First.Sum(1);
        DenseSink sink1 = Sink(all), sink2 = Sink(all);
        Assert.That(() => model.Backward(f1 + f2, all, sink1), Throws.ArgumentException);
        model.Backward(f1, all, sink1);
        model.Backward(f2, all, sink2);
        Assert.That(sink1.Gradients, Is.EqualTo(expectedFirst));
        Assert.That(sink2.Gradients, Is.EqualTo(expectedSecond));
        Assert.That(() => model.Backward(f1, all, sink1), Throws.InvalidOperationException);
    }

    [Test]
    public void OneOutputMayBeMadeOfAnother()
    {
        using Chained module = new();
        Truth.Check(module, Numbers(4, 3), ["input"]);
    }

    [Test]
    public void AnOutputThatAllExamplesShareHasNoGradientByExample()
    {
        using WithScale module = new();
        using TorchModel model = new(module, outputs: ["logits", "scale"]);
        ParameterSelection all = ParameterSelection.All(model.Parameters);
        using (ModelResult result = model.Forward(Numbers(2, 3)))
            Assert.That(
                () => model.Backward((result["logits"] * result["scale"]).Sum(1), all, Sink(all)),
                Throws.InstanceOf<TrakException>().With.Message.Contains("'scale' [] is the same for all examples"));
        using ModelResult again = model.Forward(Numbers(2, 3));
        DenseSink sink = Sink(all);
        model.Backward((again["logits"] * again["scale"].Detach()).Sum(1), all, sink);
        Assert.That(sink.Blocks.Select(b => all.MatrixAt(b.Offset).Offset), Has.None.EqualTo(all.Offset("scale")));
    }

    [TestCase(ElementType.BFloat16, 0.05)]
    [TestCase(ElementType.Float16, 0.01)]
    public void HalfPrecisionIsCloseAndLeavesTheWeightsAsTheyAre(ElementType precision, double tolerance)
    {
        using Sequential module = Sequential(Linear(6, 8), LayerNorm(8), GELU(), Linear(8, 3));
        float[] expected, actual;
        string hash;
        Checkpoint weights = TorchCheckpoint.From(module);
        using (TorchModel model = new(module)) (expected, hash) = (Featurize(model, Numbers(4, 6)), model.WeightHash);
        using (TorchModel model = new(module, options: new TorchOptions { Precision = precision }))
        {
            actual = Featurize(model, Numbers(4, 6));
            Assert.That(model.WeightHash, Is.EqualTo(hash));
            model.Load(weights);
            Assert.That(model.WeightHash, Is.EqualTo(hash));
        }

        Assert.That(Close.RelativeError(actual, expected), Is.LessThan(tolerance).And.GreaterThan(1e-6));
        foreach ((string name, Tensor tensor) in module.state_dict())
            Assert.That(TorchMemory.ToArray(tensor).ToFloats(), Is.EqualTo(weights.Tensors[name].ToFloats()), name);
        Assert.That(module.parameters().All(static p => p.requires_grad), Is.True);
    }

    [Test]
    public void TiedNamesMustAgree()
    {
        using LanguageModel module = new(true);
        using TorchModel model = new(module);
        Dictionary<string, DataArray> tensors = new(TorchCheckpoint.From(module).Tensors);
        tensors["token.weight"] = Truth.Numbers(4, 11, 6);
        Assert.That(() => model.Load(new Checkpoint("c", tensors)), Throws.InstanceOf<TrakException>().With.Message.Contains("has as one"));
        tensors["head.weight"] = tensors["token.weight"];
        model.Load(new Checkpoint("c", tensors));
        string hash = model.WeightHash;
        tensors.Remove("token.weight");
        model.Load(new Checkpoint("c", tensors));
        Assert.That(model.WeightHash, Is.EqualTo(hash));
        tensors.Remove("head.weight");
        Assert.That(
            () => model.Load(new Checkpoint("c", tensors)),
            Throws.InstanceOf<TrakException>().With.Message.Contains("lacks").And.Message.Contains("token.weight [11, 6]")
                .Or.Message.Contains("head.weight [11, 6]"));
    }

    [Test]
    public void SignaturesThatDoNotFitAreNamed()
    {
        using Bilinear two = Bilinear(3, 4, 5);
        Assert.That(() => new TorchModel(two), Throws.InstanceOf<TrakException>().With.Message.Contains("Bilinear"));
        using ModuleList<Linear> list = ModuleList(Linear(3, 3));
        Assert.That(() => new TorchModel(list), Throws.InstanceOf<TrakException>().With.Message.Contains("give the function"));
        using Linear one = Linear(3, 3);
        using TorchModel model = new(one, outputs: ["a", "b"]);
        Assert.That(
            () => model.Forward(Numbers(2, 3)), Throws.InstanceOf<TrakException>().With.Message.Contains("gives 1 tensors, and 2 outputs"));
        Assert.That(
            () => new TorchModel(one, options: new TorchOptions { Device = "tpu" }),
            Throws.InstanceOf<TrakException>().With.Message.Contains("'tpu'"));
        Assert.That(one.weight.requires_grad, Is.False, "the first model still holds it");
    }

    /// <summary>The gradients of a batch.</summary>
    internal static float[] Featurize(TorchModel model, Batch batch, bool throws = false)
    {
        ParameterSelection all = ParameterSelection.All(model.Parameters);
        using ModelResult result = model.Forward(batch);
        DenseSink sink = new(batch.Size, all.Length);
        Variable f = result.First.Reshape(batch.Size, -1).Sum(1);
        model.Backward(f, all, throws ? new Throwing() : sink);
        return sink.Gradients;
    }

    private static DenseSink Sink(ParameterSelection selection) => new(2, selection.Length);

    private static Batch Numbers(params long[] shape) => new(("input", Truth.Numbers(5, shape)));

    private static void Refused(Module<Tensor, Tensor> module, string message, bool evaluate = false)
    {
        if (evaluate) module.eval();
        using (module)
        {
            using TorchModel model = new(module);
            Assert.That(() => model.Forward(Numbers(2, 3)), Throws.InstanceOf<TrakException>().With.Message.Contains(message));
        }
    }

    private sealed class Throwing : IGradientSink
    {
        public void Accept(GradientBlock block) => throw new InvalidOperationException("enough");
    }

    private sealed class Chained : Module<Tensor, (Tensor, Tensor)>
    {
        private readonly Linear body = Linear(3, 4);
        private readonly Linear head = Linear(4, 2);
        private readonly global::TorchSharp.Modules.Parameter gain = Parameter(rand(4));

        public Chained()
            : base("chained") => RegisterComponents();

        public override (Tensor, Tensor) forward(Tensor input)
        {
            Tensor embedding = body.call(input).tanh() * gain;
            return (embedding, head.call(embedding));
        }
    }

    private sealed class WithScale : Module<Tensor, (Tensor, Tensor)>
    {
        private readonly Linear body = Linear(3, 4);
        private readonly global::TorchSharp.Modules.Parameter scale = Parameter(tensor(0.5f));

        public WithScale()
            : base("scaled") => RegisterComponents();

        public override (Tensor, Tensor) forward(Tensor input) => (body.call(input), scale.exp());
    }
}
