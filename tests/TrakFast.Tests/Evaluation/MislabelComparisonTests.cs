using TrakFast.Evaluation;
using TrakFast.Kernels;
using TrakFast.Tests.Support;

namespace TrakFast.Tests.Evaluation;

/// <summary>Detection of wrong labels from a save directory; the loss is there where the task tells it from Q.</summary>
public sealed class MislabelComparisonTests
{
    private static readonly float[][] Q = [[.1f, .9f, .5f, .2f], [.3f, 1, .5f, 0]];
    private static readonly bool[] Wrong = [false, true, false, false];
    private TemporaryDirectory _directory = null!;
    private CpuBackend _backend = null!;

    [SetUp]
    public void SetUp() => (_directory, _backend) = (new TemporaryDirectory(), new CpuBackend(Workers.Single));

    [TearDown]
    public void TearDown()
    {
        _backend.Dispose();
        _directory.Dispose();
    }

    [Test]
    public void TheLossOfAClassificationIsTheMeanOverCheckpoints()
    {
        using TrakStore store = Store(new ImageClassification());
        double[] expected = [.. Enumerable.Range(0, 4).Select(static i => -Q.Sum(q => Math.Log(Math.Max(1 - q[i], float.Epsilon)) / 2))];
        Assert.That(new MislabelComparison(store, _backend).Losses(), Is.EqualTo(expected.Select(static l => (float)l)));
        Assert.That(new MislabelComparison(store, _backend, [0]).Losses()![1], Is.EqualTo(2.3025851f).Within(1e-6));
        IReadOnlyList<MethodDetection> methods = new MislabelComparison(store, _backend).Measure(Lambda.Default, Wrong);
        Assert.That(methods.Select(static m => m.Method), Is.EqualTo(new[] { "TRAK self-influence", "loss", "random" }));
        Assert.That(methods[1].Detection.RocAuc, Is.EqualTo(1));
        float[] influence = new TrakScorer(store, _backend, Lambda.Default).SelfInfluence();
        Assert.That(methods[0].Detection.RocAuc, Is.EqualTo(MislabelDetection.Compute(influence, Wrong).RocAuc));
    }

    [TestCase("image_classification", 1f, ExpectedResult = true)]
    [TestCase("image_classification", 2f, ExpectedResult = false)]
    [TestCase("text_classification", 1f, ExpectedResult = true)]
    [TestCase("binary_classification", 1f, ExpectedResult = true)]
    [TestCase("binary_classification", 2f, ExpectedResult = true)]
    [TestCase("regression", null, ExpectedResult = true)]
    [TestCase("language_modeling", 1f, ExpectedResult = false)]
    public bool TheLossIsThereWhereTheStoredTaskTellsIt(string name, float? temperature)
    {
        using TrakStore store = Store(TrakFast.Tasks.ByName(name, new TaskOptions { Temperature = temperature }));
        IReadOnlyList<MethodDetection> methods = new MislabelComparison(store, _backend).Measure(Lambda.Default, Wrong);
        Assert.That(methods.Select(static m => m.Method), Is.SupersetOf(new[] { "TRAK self-influence", "random" }));
        return methods.Any(static m => m.Method == "loss");
    }

    [Test]
    public void ATaskOfOnesOwnTellsItWhenItIsGiven()
    {
        using TrakStore store = Store(new Own());
        Assert.That(new MislabelComparison(store, _backend).Losses(), Is.Null);
        float[]? losses = new MislabelComparison(store, _backend, [0], new Own()).Losses();
        Assert.That(losses, Is.EqualTo(Q[0].Select(static q => 3 * q)).Within(1e-6));
    }

    [Test]
    public void ClipHasNone()
    {
        using TrakStore store = Store(new Clip(new ContrastSet([0, 1], 4, static _ => throw new NotSupportedException())));
        Assert.That(new MislabelComparison(store, _backend).Losses(), Is.Null);
    }

    [Test]
    public void TruthsOfAnotherSizeAreRefused()
    {
        using TrakStore store = Store(new ImageClassification());
        Assert.That(
            Assert.Catch<TrakException>(() => new MislabelComparison(store, _backend).Measure(Lambda.Default, [true, false]))!.Message,
            Does.Contain("of 2 labels").And.Contain("4 training examples"));
    }

    private TrakStore Store(ModelOutput task) => HandStore.Create(
        _directory["store"], 2, [.. Q.Select(static q => (new float[] { 1, 0, 3, 1, 1, 1, 0, 2 }, q, new float[] { 1, 2 }))], task: task);

    private sealed class Own : ModelOutput
    {
        public override Variable GetOutput(ModelResult result, Batch batch) => throw new NotSupportedException();

        public override Variable GetOutToLossGradient(ModelResult result, Batch batch) => throw new NotSupportedException();

        public override double[]? LossFromQ(ReadOnlySpan<float> outToLoss) => [.. outToLoss.ToArray().Select(static q => 3.0 * q)];
    }
}
