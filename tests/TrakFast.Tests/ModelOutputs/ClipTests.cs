using Microsoft.Extensions.Logging;
using TrakFast.Tests.Support;

namespace TrakFast.Tests.ModelOutputs;

/// <summary>CLIP's f and Q, by hand and against what MadryLab/trak computed.</summary>
public sealed class ClipTests
{
    private static readonly float[] U = [1, 0], V = [0.6f, 0.8f];

    [Test]
    public void FByHand()
    {
        // Negative images (0, 1) and (−1, 0), negative texts (1, 0) and (0, −1).
        Clip task = Prepared([0, 1, -1, 0], [1, 0, 0, -1]);
        Assert.That(task.GetOutput(One(), Examples(1)).ToArray(), Is.EqualTo(new[] { -1.1336791f }).Within(1e-6f));
    }

    [Test]
    public void GradientsFlowThroughTheExampleAloneAndNotThroughTheScale()
    {
        Clip task = Prepared([0, 1, -1, 0], [1, 0, 0, -1]);
        HandResult result = One();
        Variable f = task.GetOutput(result, Examples(1));

        // ∂f/∂u = 2v − Σ_j w_j v̂_j with w = softmax(u·v̂), and the other way round.
        double w = 1 / (1 + Math.Exp(-1)), x = 1 / (1 + Math.Exp(-1.4));
        Assert.That(f.GradientWith(result["image_embeddings"]).ToArray(), Is.EqualTo(new[] { 1.2 - w, 1.6 + (1 - w) }).Within(1e-6));
        Assert.That(f.GradientWith(result["text_embeddings"]).ToArray(), Is.EqualTo(new[] { 2 + (1 - x), -x }).Within(1e-6));
        Assert.That(f.GradientWith(result["scale"]).ToArray(), Is.EqualTo(new[] { 0f }));
    }

    [Test]
    public void QOverTheBatchByHand()
    {
        // u = I and v = Sᵀ make S = [[.9, .1], [.2, .8]].
        HandResult result = Result([1, 0, 0, 1], [0.9f, 0.2f, 0.1f, 0.8f], 3, 2);
        Clip task = new(Contrast(2), batchSize: 2);
        Assert.That(task.GetOutToLossGradient(result, Examples(2)).ToArray(), Is.EqualTo(new[] { 0.0961348f, 0.1254739f }).Within(1e-6f));

        // Temperature 1.5 turns t = 3 into 2.
        HandResult cooler = Result([1, 0, 0, 1], [0.9f, 0.2f, 0.1f, 0.8f], 2, 2);
        Assert.That(
            new Clip(Contrast(2), temperature: 1.5f, batchSize: 2).GetOutToLossGradient(result, Examples(2)).ToArray(),
            Is.EqualTo(task.GetOutToLossGradient(cooler, Examples(2)).ToArray()).Within(1e-6f));
    }

    [Test]
    public void QOverTheContrastSetCountsAnExampleOnce()
    {
        // The batch of the test above, each example contrasted with both: Q is the same, since it leaves itself out.
        float[] images = [1, 0, 0, 1], texts = [0.9f, 0.2f, 0.1f, 0.8f];
        Clip task = Prepared(images, texts);
        HandResult result = Result(images, texts, 3, 2);
        Assert.That(
            task.GetOutToLossGradient(result, Examples(2).AsTraining([0, 1])).ToArray(),
            Is.EqualTo(new[] { 0.0961348f, 0.1254739f }).Within(1e-6f));

        // Examples that are not of the contrast set leave nothing out.
        float[] others = task.GetOutToLossGradient(result, Examples(2).AsTraining([5, 6])).ToArray();
        double row = Math.Exp(2.7) / ((2 * Math.Exp(2.7)) + Math.Exp(0.3)), column = Math.Exp(2.7) / ((2 * Math.Exp(2.7)) + Math.Exp(0.6));
        Assert.That(others[0], Is.EqualTo(1 - ((row + column) / 2)).Within(1e-6));
    }

    [Test]
    public void ABatchOfOneHasQZeroAndSaysSo()
    {
        Warnings warnings = new();
        Clip task = new(Contrast(2), batchSize: 4, logger: warnings);
        Assert.That(task.GetOutToLossGradient(One(), Examples(1)).ToArray(), Is.EqualTo(new[] { 0f }));
        Assert.That(warnings.Messages.Single(), Does.Contain("nothing to contrast with").And.Contain("Q is 0"));
    }

    [TestCase(0)]
    [TestCase(1)]
    public void OutputsAndQAreThoseOfMadryLabTrak(int id)
    {
        ClipTowers towers = new(SafetensorsFile.Read(Fixtures.Path("clip", $"checkpoint_{id}.safetensors")));
        Batch train = Read("train"), targets = Read("target");
        Clip task = new(new ContrastSet([.. Enumerable.Range(1, 63).Select(static i => (long)i)], 64, train.Rows), batchSize: 64);
        task.Prepare(towers.Forward);
        using ModelResult ofTrain = towers.Forward(train), ofTargets = towers.Forward(targets);
        using (Assert.EnterMultipleScope())
        {
            Check("train.outputs", task.GetOutput(ofTrain, train));
            Check("train.out_to_loss", task.GetOutToLossGradient(ofTrain, train));
            Check("target.outputs", task.GetOutput(ofTargets, targets));
        }

        if (id == 0)
            Assert.That(
                Fixtures.RelativeError(
                    ofTargets["image_embeddings"].ToArray(), Fixtures.Floats("clip", "expected_0.target.image_embeddings.npy")),
                Is.LessThan(1e-6), "the towers");

        void Check(string what, Variable actual) =>
            Assert.That(
                Fixtures.RelativeError(actual.ToArray(), Fixtures.Floats("clip", $"expected_{id}.{what}.npy")), Is.LessThan(1e-5), what);
    }

    [TestCase("image_embeds", "text_embeds", "logit_scale")]
    [TestCase("image_features", "text_features", "logit_scale")]
    public void OtherNamesOfTheOutputsAreKnown(string image, string text, string scale)
    {
        Clip task = Prepared([0, 1, -1, 0], [1, 0, 0, -1]);
        HandResult result = new((scale, DataArray.From([3f], 1)), (text, DataArray.From(V, 1, 2)), (image, DataArray.From(U, 1, 2)));
        Assert.That(task.GetOutput(result, Examples(1)).ToArray()[0], Is.EqualTo(-1.1336791f).Within(1e-6f));
        Assert.That(task.GetOutToLossGradient(result, Examples(1)).ToArray()[0], Is.InRange(0.01f, 0.99f));
    }

    [Test]
    public void OutputsThatAreNotClipsAreRefused()
    {
        Clip task = Prepared([0, 1, -1, 0], [1, 0, 0, -1]);
        Fails("the model has logits", () => task.GetOutput(new HandResult(("logits", DataArray.From(U, 1, 2))), Examples(1)));
        Fails("both [1, d]; the model's are [1, 2] and [2]", () =>
            task.GetOutput(new HandResult(("image_embeds", DataArray.From(U, 1, 2)), ("text_embeds", DataArray.From(V, 2))), Examples(1)));
        Fails("come from different models", () => task.GetOutput(
            new HandResult(("image_embeds", DataArray.From([1f, 2, 3], 1, 3)), ("text_embeds", DataArray.From([1f, 2, 3], 1, 3))),
            Examples(1)));
        Fails("above 0 for all examples", () => task.GetOutToLossGradient(Result(U, V, -1, 1), Examples(1)));
        Fails(
            "the model's is [2]",
            () => task.GetOutToLossGradient(
                new HandResult(
                    ("image_embeds", DataArray.From(U, 1, 2)), ("text_embeds", DataArray.From(V, 1, 2)), ("scale", DataArray.From(U, 2))),
                Examples(1)));
        Fails("call Prepare", () => new Clip(Contrast(2)).GetOutput(One(), Examples(1)));
        Fails("over batches of 2", () =>
            new Clip(Contrast(2), batchSize: 2).GetOutToLossGradient(Result([1, 0, 0, 1, 1, 1], [1, 0, 0, 1, 1, 1], 3, 3), Examples(3)));
        Fails("temperature", () => new Clip(Contrast(2), float.NaN));
        Fails("one example or more; 0", () => new Clip(Contrast(2), batchSize: 0));
    }

    private static HandResult One() => Result(U, V, 3, 1);

    private static HandResult Result(float[] images, float[] texts, float scale, int examples) => new(
        ("image_embeddings", DataArray.From(images, examples, images.Length / examples)),
        ("text_embeddings", DataArray.From(texts, examples, texts.Length / examples)),
        ("scale", DataArray.From([scale], [])));

    /// <summary>A task whose contrast set has these embeddings of width 2.</summary>
    private static Clip Prepared(float[] images, float[] texts)
    {
        Clip task = new(Contrast(images.Length / 2));
        task.Prepare(batch => Result(images, texts, 1, batch.Size));
        return task;
    }

    private static ContrastSet Contrast(int size) =>
        new([.. Enumerable.Range(0, size).Select(static i => (long)i)], 100, rows => Examples(rows.Count));

    private static Batch Examples(int count) => new(("image", DataArray.From(new float[count], count)));

    private static Batch Read(string split) =>
        new(
            ("image", NpyFile.Read(Fixtures.Path("clip", $"{split}.image.npy"))),
            ("text", NpyFile.Read(Fixtures.Path("clip", $"{split}.text.npy"))));

    private static void Fails(string part, Action action) =>
        Assert.That(Assert.Catch<TrakException>(() => action())!.Message, Does.Contain(part));

    private sealed class Warnings : ILogger<Clip>
    {
        public List<string> Messages { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Messages.Add(formatter(state, exception));
    }
}
