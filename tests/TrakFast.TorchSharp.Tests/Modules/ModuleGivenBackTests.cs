using TorchSharp;
using TorchSharp.Modules;
using TrakFast.Kernels;
using TrakFast.TorchSharp.Engines;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrakFast.TorchSharp.Tests;

/// <summary>A module after a model that held it is as if it had never been held.</summary>
[TestFixture]
internal sealed class ModuleGivenBackTests
{
    private static readonly Batch Examples = new(("input", Truth.Numbers(3, 4, 6)));

    [SetUp]
    public void Load() => TorchLibrary.Require();

    [Test]
    public void AnOptimizerGoesOnAsIfTheModuleHadNeverBeenHeld(
        [Values("sgd", "adam")] string optimizer,
        [Values(ElementType.Float32, ElementType.BFloat16)] ElementType precision,
        [Values] bool inDouble)
    {
        using Sequential held = Network(inDouble), twin = Network(inDouble);
        using optim.Optimizer stepsHeld = Optimizer(optimizer, held), stepsTwin = Optimizer(optimizer, twin);
        Assert.That(Train(held, stepsHeld, 3), Is.EqualTo(Train(twin, stepsTwin, 3)));
        held.eval();
        using (TorchModel model = new(held, options: new TorchOptions { Precision = precision }))
        {
            float[] before = TorchModelTests.Featurize(model, Examples);
            model.Load(Other());
            Assert.That(TorchModelTests.Featurize(model, Examples), Is.Not.EqualTo(before));
            model.Load(Other());
        }

        held.train();
        Assert.That(Train(held, stepsHeld, 4), Is.EqualTo(Train(twin, stepsTwin, 4)));
    }

    [TestCase(ElementType.Float32)]
    [TestCase(ElementType.Float16)]
    public void ParametersAndBuffersAreTheSameObjectsWithTheSameValues(ElementType precision)
    {
        using Sequential module = Network();
        module.get_parameter("out.bias")!.requires_grad = false;
        autograd.backward([module.call(ones(4, 6)).sum()], null!);
        module.eval();
        Seen[] before = See(module);
        using (TorchModel model = new(module, options: new TorchOptions { Precision = precision }))
        {
            TorchModelTests.Featurize(model, Examples);
            model.Load(Other());
            Assert.That(See(module).Select(static s => s.Values), Is.Not.EqualTo(before.Select(static s => s.Values)));
        }

        Seen[] after = See(module);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(after.Select(static s => s.Name), Is.EqualTo(before.Select(static s => s.Name)));
            foreach ((Seen was, Seen now) in before.Zip(after))
            {
                Assert.That(now.Tensor, Is.SameAs(was.Tensor), was.Name);
                Assert.That(now.Address, Is.EqualTo(was.Address), was.Name);
                Assert.That(now.Values, Is.EqualTo(was.Values), was.Name);
                Assert.That(now.Tracked, Is.EqualTo(was.Tracked), was.Name);
                Assert.That(now.Gradient, Is.EqualTo(was.Gradient), was.Name);
            }

            Assert.That(before.Count(static s => s.Gradient is not null), Is.EqualTo(5));
            Assert.That(module.training, Is.False);
        }
    }

    [TestCase(ElementType.Float32)]
    [TestCase(ElementType.BFloat16)]
    public void WeightsThatLayersShareStayShared(ElementType precision)
    {
        // Two parameters on one memory, which torch does not know of.
        using Linear first = Linear(6, 6), second = Linear(6, 6);
        second.weight = new global::TorchSharp.Modules.Parameter(first.weight.detach());
        using Sequential module = Sequential(("first", first), ("second", second));
        module.eval();
        using (TorchModel model = new(module, options: new TorchOptions { Precision = precision }))
        {
            Assert.That(model.Parameters.Select(static p => p.Name), Is.EqualTo(new[] { "first.weight", "first.bias", "second.bias" }));
            model.Load(TorchCheckpoint.From(module));
            Assert.That(TorchMemory.Address(second.weight), Is.EqualTo(TorchMemory.Address(first.weight)));
        }

        using (no_grad()) first.weight.zero_();
        Assert.That(second.weight.abs().sum().item<float>(), Is.Zero);
    }

    [Test]
    public void NothingOfAModelStaysInItsModule()
    {
        using Sequential module = Network();
        module.eval();
        Checkpoint weights = Other();
        Hold(module, weights);
        Collect();
        long before = Tensor.TotalCount;
        WeakReference[] models = [.. Enumerable.Range(0, 3).Select(_ => Hold(module, weights))];
        Collect();
        Assert.That(models.Any(static m => m.IsAlive), Is.False, "a hook would keep its model");
        Assert.That(Tensor.TotalCount, Is.EqualTo(before));
    }

    [Test]
    public void AModuleHasOneHolderAtATime()
    {
        using Sequential module = Network();
        module.eval();
        using (TorchModel model = new(module))
        {
            TrakException refusal = Assert.Throws<TrakException>(() => new TorchModel(module))!;
            Assert.That(refusal.Message, Does.Contain("Sequential").And.Contain("dispose"));
            Assert.That(() => new TorchModel((Linear)module.children().First()), Throws.InstanceOf<TrakException>(), "a part of it");
            Assert.That(TorchModelTests.Featurize(model, Examples), Has.Some.Not.Zero);
        }

        using TorchModel next = new(module);
        Assert.That(TorchModelTests.Featurize(next, Examples), Has.Some.Not.Zero);
    }

    [Test]
    public void AModuleThatIsGoneIsLetBe()
    {
        Sequential module = Network();
        module.eval();
        TorchModel model = new(module);
        model.Load(Other());
        module.Dispose();
        Assert.That(model.Dispose, Throws.Nothing);
        Assert.That(model.Dispose, Throws.Nothing, "twice");
    }

    [Test]
    public void ADisposedModelThrowsOnEveryMember()
    {
        using Sequential module = Network();
        module.eval();
        TorchModel model = new(module);
        ParameterSelection all = ParameterSelection.All(model.Parameters);
        using ModelResult result = model.Forward(Examples);
        Variable f = result.First.Sum(1);
        model.Dispose();
        foreach (System.Reflection.PropertyInfo property in typeof(TorchModel).GetProperties())
        {
            Assert.That(() => property.GetValue(model), Throws.InnerException.TypeOf<ObjectDisposedException>(), property.Name);
        }

        Assert.That(() => model.Load(Other()), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => model.Forward(Examples), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => model.Backward(f, all, new DenseSink(4, all.Length)), Throws.TypeOf<ObjectDisposedException>());
    }

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
    }

    private static Sequential Network(bool inDouble = false)
    {
        random.manual_seed(11);
        Sequential module = Sequential(("in", Linear(6, 8)), ("norm", BatchNorm1d(8)), ("act", Tanh()), ("out", Linear(8, 3)));
        if (inDouble) module.to(ScalarType.Float64);
        return module;
    }

    // A checkpoint with weights and statistics of its own.
    private static Checkpoint Other()
    {
        using Sequential module = Network();
        using (no_grad())
        {
            foreach (Tensor tensor in module.state_dict().Values.Where(static t => t.is_floating_point())) tensor.mul_(0.5f).add_(0.25f);
        }

        return TorchCheckpoint.From(module);
    }

    private static optim.Optimizer Optimizer(string name, Sequential module) => name == "sgd"
        ? optim.SGD(module.parameters(), 0.1, momentum: 0.9)
        : optim.Adam(module.parameters(), 0.01);

    private static double[] Train(Sequential module, optim.Optimizer optimizer, int steps)
    {
        double[] losses = new double[steps];
        for (int i = 0; i < steps; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor x = TorchMemory.ToTensor(Truth.Numbers(20 + i, 8, 6), CPU).to_type(module.parameters().First().dtype);
            optimizer.zero_grad();
            Tensor loss = module.call(x).square().mean();
            loss.backward();
            optimizer.step();
            losses[i] = loss.to_type(ScalarType.Float64).item<double>();
        }

        return losses;
    }

    private static WeakReference Hold(Sequential module, Checkpoint weights)
    {
        TorchModel model = new(module);
        TorchModelTests.Featurize(model, Examples);
        model.Load(weights);
        model.Dispose();
        return new WeakReference(model);
    }

    private static Seen[] See(Sequential module) => [.. module.state_dict().Select(static s =>
    {
        using Tensor? gradient = s.Value.grad;
        return new Seen(
            s.Key, s.Value, TorchMemory.Address(s.Value), TorchMemory.ToArray(s.Value).ToFloats(), s.Value.requires_grad,
            gradient is null ? null : TorchMemory.ToArray(gradient).ToFloats());
    })];

    private sealed record Seen(string Name, Tensor Tensor, nint Address, float[] Values, bool Tracked, float[]? Gradient);
}
