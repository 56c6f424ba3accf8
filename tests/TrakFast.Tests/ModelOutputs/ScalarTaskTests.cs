using TrakFast.Tests.Support;

namespace TrakFast.Tests.ModelOutputs;

/// <summary>Classification, binary classification and regression, by hand.</summary>
public sealed class ScalarTaskTests
{
    [Test]
    public void TextClassificationIsTheMarginOfImageClassification()
    {
        Batch batch = new(("label", DataArray.From([0L, 2], 2)));
        using HandResult result = new(("hidden", DataArray.From(new float[2], 2)), ("logits", DataArray.From([2f, 1, 0, 2, 1, 0], 2, 3)));
        TextClassification task = new(2);
        Assert.That(task.GetOutput(result, batch).ToArray(), Is.EqualTo(new[] { 0.6867383f, -2.3132617f }).Within(1e-6f));
        Assert.That(task.GetOutToLossGradient(result, batch).ToArray(), Is.EqualTo(new[] { 0.4935196f, 0.8136763f }).Within(1e-6f));
        Assert.That(
            new ImageClassification(2).GetOutToLossGradient(result, batch).ToArray(),
            Is.EqualTo(task.GetOutToLossGradient(result, batch).ToArray()));
    }

    [TestCase(0)]
    [TestCase(1)]
    public void TextClassificationIsMadryLabTraks(int id)
    {
        // For two classes f is a difference of two logits, so expected outputs are logits too.
        float[] f = Fixtures.Floats("bert", $"expected_{id}.train.outputs.npy");
        long[] labels = NpyFile.Read(Fixtures.Path("bert", "train.label.npy")).ToLongs();
        using HandResult result = new(
            ("logits", DataArray.From([.. f.SelectMany((m, b) => labels[b] == 0 ? new[] { m, 0 } : [0, m])], f.Length, 2)));
        Batch batch = new(("label", DataArray.From(labels, labels.Length)));
        Assert.That(
            Fixtures.RelativeError(
                new TextClassification().GetOutToLossGradient(result, batch).ToArray(),
                Fixtures.Floats("bert", $"expected_{id}.train.out_to_loss.npy")),
            Is.LessThan(1e-5));
        if (id > 0) return;
        using HandResult targets = new(("logits", NpyFile.Read(Fixtures.Path("bert", "expected_0.target.logits.npy"))));
        Batch targetBatch = new(("label", NpyFile.Read(Fixtures.Path("bert", "target.label.npy"))));
        Assert.That(
            Fixtures.RelativeError(
                new TextClassification().GetOutput(targets, targetBatch).ToArray(),
                Fixtures.Floats("bert", "expected_0.target.outputs.npy")),
            Is.LessThan(1e-5));
    }

    [Test]
    public void BinaryClassificationByHand([Values("long", "float", "bool")] string type)
    {
        DataArray labels = type switch
        {
            "float" => DataArray.From([1f, 0, 1], 3),
            "bool" => DataArray.From([true, false, true], 3),
            _ => DataArray.From([1L, 0, 1], 3, 1),
        };
        Batch batch = new(("label", labels));
        using HandResult result = new(("logits", DataArray.From([2f, 2, -100], 3, 1)));
        BinaryClassification task = new();
        Variable f = task.GetOutput(result, batch);
        Assert.That(f.ToArray(), Is.EqualTo(new[] { 2f, -2, -100 }));
        Assert.That(f.GradientWith(result.First).ToArray(), Is.EqualTo(new[] { 1f, -1, 1 }));
        Assert.That(task.GetOutToLossGradient(result, batch).ToArray(), Is.EqualTo(new[] { 0.1192029f, 0.8807971f, 1 }).Within(1e-6f));
        Assert.That(
            new BinaryClassification(2).GetOutToLossGradient(result, batch).ToArray(),
            Is.EqualTo(new[] { 0.2689414f, 0.7310586f, 1 }).Within(1e-6f));
        Assert.That(task.GetLoss(result, batch).ToArray(), Is.EqualTo(new[] { 0.1269280f, 2.1269280f, 100 }).Within(1e-5f));
    }

    [Test]
    public void RegressionOfOneValueIsThePredictionAndItsResidual()
    {
        Batch batch = new(("label", DataArray.From([3.0f, -1], 2)));
        using HandResult result = new(("value", DataArray.From([2.5f, 1], 2)));
        Regression task = new();
        Variable f = task.GetOutput(result, batch);
        Assert.That(f.ToArray(), Is.EqualTo(new[] { 2.5f, 1 }));
        Assert.That(f.GradientWith(result.First).ToArray(), Is.EqualTo(new[] { 1f, 1 }));
        Assert.That(task.GetOutToLossGradient(result, batch).ToArray(), Is.EqualTo(new[] { 0.5f, -2 }));
        Assert.That(task.GetLoss(result, batch).ToArray(), Is.EqualTo(new[] { 0.125f, 2 }));

        // A target needs no value: f is the prediction.
        Assert.That(task.GetOutput(result, new Batch(("x", DataArray.From(new float[2], 2)))).ToArray(), Is.EqualTo(f.ToArray()));
    }

    [Test]
    public void RegressionOfSeveralValuesIsMinusTheLoss()
    {
        Batch batch = new(("label", DataArray.From([1L, 2, 3, 4], 2, 2)));
        using HandResult result = new(("value", DataArray.From([2f, 0, 3, 4], 2, 2)));
        Regression task = new();
        Variable f = task.GetOutput(result, batch);
        Assert.That(f.ToArray(), Is.EqualTo(new[] { -2.5f, 0 }));
        Assert.That(f.GradientWith(result.First).ToArray(), Is.EqualTo(new[] { -1f, 2, 0, 0 }), "y − g");
        Assert.That(task.GetOutToLossGradient(result, batch).ToArray(), Is.EqualTo(new[] { 1f, 1 }));
    }

    [Test]
    public void WrongLabelsAndOutputsAreNamed()
    {
        using HandResult two = new(("logits", DataArray.From(new float[4], 2, 2))),
            one = new(("logits", DataArray.From(new float[2], 2, 1))),
            cube = new(("logits", DataArray.From(new float[8], 2, 2, 2)));
        Fails("image_classification or text_classification", () => new BinaryClassification().GetOutput(two, Labels(0L, 1)));
        Fails("'label' holds 2 (example 1); a binary label is 0 or 1", () => new BinaryClassification().GetOutput(one, Labels(0L, 2)));
        Fails("(example 11)", () => new BinaryClassification().Check(one, Labels(0L, 2), 10));
        Fails("no array 'label'", () => new BinaryClassification().GetOutput(one, new Batch(("target", DataArray.From([0L, 1], 2)))));
        Fails("two classes or more", () => new TextClassification().GetOutput(one, Labels(0L, 1)));
        Fails("'label' holds 2 (example 1)", () => new TextClassification().GetOutput(two, Labels(0L, 2)));
        Fails("[B] or [B, d]; the model's output 'logits' is [2, 2, 2]", () => new Regression().GetOutput(cube, Labels(0L, 1)));
        Fails("2 values for each example are wanted, [2, 2]", () => new Regression().GetOutput(two, Labels(0L, 1)));
        Fails(
            "'label' holds NaN (example 1)",
            () => new Regression().Check(one, new Batch(("label", DataArray.From([0f, float.NaN], 2))), 0));
        Fails("temperature", () => new BinaryClassification(0));
        Fails("temperature", () => new LanguageModeling(-1));
        Fails("temperature", () => new TextClassification(float.PositiveInfinity));
    }

    [Test]
    public void EveryNameGivesItsTask()
    {
        ContrastSet contrast = new([0, 1], 2, static _ => throw new NotSupportedException());
        foreach (string name in TrakFast.Tasks.Names)
        {
            ModelOutput task = TrakFast.Tasks.ByName(name, name == "clip" ? new TaskOptions { Contrast = contrast } : null);
            Assert.That(task.Name, Is.EqualTo(name == "iterative_image_classification" ? "image_classification" : name));
        }

        Fails(
            "there are image_classification, iterative_image_classification, text_classification, clip, "
            + "language_modeling, binary_classification, regression",
            () => TrakFast.Tasks.ByName("segmentation"));
        Fails("clip needs a contrast set", () => TrakFast.Tasks.ByName("clip"));
        Fails("the task is language_modeling", () => TrakFast.Tasks.ByName("language_modeling", new TaskOptions { Contrast = contrast }));
        Fails("regression has no temperature; 2 was given", () => TrakFast.Tasks.ByName("regression", new TaskOptions { Temperature = 2 }));
        Assert.That(
            TrakFast.Tasks.ByName("text_classification", new TaskOptions { Temperature = 0.5f }).Settings["temperature"],
            Is.EqualTo("0.5"));
        Assert.That(
            TrakFast.Tasks.ByName("clip", new TaskOptions { Contrast = contrast, ClipBatchSize = 8 }).Settings["q"],
            Is.EqualTo("batches of 8"));
    }

    private static Batch Labels(params long[] labels) => new(("label", DataArray.From(labels, labels.Length)));

    private static void Fails(string part, Action action) =>
        Assert.That(Assert.Catch<TrakException>(() => action())!.Message, Does.Contain(part));
}
