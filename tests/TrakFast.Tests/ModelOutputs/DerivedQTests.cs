using TrakFast.Tests.Support;

namespace TrakFast.Tests.ModelOutputs;

/// <summary>Every closed form of Q is what the engine derives from the task's loss as a function of f.</summary>
public sealed class DerivedQTests
{
    private static readonly float[] Numbers = [1.5f, -0.25f, 0.75f, -2, 3, 0.5f, -1, 0.125f, 2, -3, 1, 0];

    [TestCase("image_classification")]
    [TestCase("text_classification")]
    public void Classification(string name)
    {
        using HandResult result = new(("logits", DataArray.From(Numbers, 4, 3)));
        Closed(TrakFast.Tasks.ByName(name), result, new Batch(("label", DataArray.From([0L, 2, 1, 1], 4))), Logistic);
    }

    [Test]
    public void BinaryClassification()
    {
        using HandResult result = new(("logits", DataArray.From(Numbers, 12)));
        Closed(
            TrakFast.Tasks.BinaryClassification, result,
            new Batch(("label", DataArray.From([.. Enumerable.Range(0, 12).Select(static i => i % 3 == 0)], 12))), Logistic);
    }

    [Test]
    public void RegressionOfOneValue()
    {
        using HandResult result = new(("value", DataArray.From(Numbers, 12)));
        DataArray values = DataArray.From([.. Numbers.Reverse()], 12);
        Closed(
            TrakFast.Tasks.Regression, result, new Batch(("label", values)), f => (f - f.Constant(values)) * (f - f.Constant(values)) / 2);
    }

    [Test]
    public void RegressionOfSeveralValues()
    {
        using HandResult result = new(("value", DataArray.From(Numbers, 4, 3)));
        Closed(TrakFast.Tasks.Regression, result, new Batch(("label", DataArray.From([.. Numbers.Reverse()], 4, 3))), static f => -f);
    }

    [Test]
    public void LanguageModelingIsTheMeanOverItsTokens()
    {
        using HandResult result = new(("logits", DataArray.From(Numbers, 2, 3, 2)));
        Batch batch = new(("input_ids", DataArray.From([0L, 1, 1, 0, 0, 1], 2, 3)));
        NextTokens next = NextTokens.Of(batch, [2, 3, 2]);
        Variable margins = Margin.Of(result.First, next.Tokens);
        float[] each = Derived.From(margins, Logistic).ToArray();
        Assert.That(
            TrakFast.Tasks.LanguageModeling.GetOutToLossGradient(result, batch).ToArray(),
            Is.EqualTo(new[] { (each[0] + each[1]) / 2, (each[3] + each[4]) / 2 }).Within(1e-6f));
        Assert.That(
            TrakFast.Tasks.LanguageModeling.GetOutput(result, batch).ToArray(),
            Is.EqualTo(new[] { margins.ToArray()[0] + margins.ToArray()[1], margins.ToArray()[3] + margins.ToArray()[4] }).Within(1e-6f));
    }

    [Test]
    public void ClipIsTheMeanOverItsTwoDirections()
    {
        // Contrasted with two others at t = 1, f is the sum of the two directions' margins and Q the mean of their 1 − p.
        float[] images = [1, 0.5f, -0.5f, 1], texts = [0.25f, 1, 1, -1];
        Clip task = new(new ContrastSet([7, 8], 9, static _ => new Batch(("x", DataArray.From(new float[2], 2)))));
        task.Prepare(_ => Outputs(images, texts, 2));
        using HandResult result = Outputs([0.5f, 2], [1, 0.75f], 1);
        float match = 2, toText0 = 0.125f + 2, toText1 = 0.5f - 2, toImage0 = 1 + 0.375f, toImage1 = -0.5f + 0.75f;
        Variable margins = HandResult.Leaf([
            match - MathF.Log(MathF.Exp(toText0) + MathF.Exp(toText1)),
            match - MathF.Log(MathF.Exp(toImage0) + MathF.Exp(toImage1)),
        ], 2);
        Batch batch = new(("x", DataArray.From([0f], 1)));
        Assert.That(task.GetOutput(result, batch).ToArray(), Is.EqualTo(new[] { margins.ToArray().Sum() }).Within(1e-6f));
        Assert.That(
            task.GetOutToLossGradient(result, batch).ToArray(),
            Is.EqualTo(new[] { Derived.From(margins, Logistic).ToArray().Average() }).Within(1e-6f));
    }

    private static HandResult Outputs(float[] images, float[] texts, int count) => new(
        ("image_embeddings", DataArray.From(images, count, 2)),
        ("text_embeddings", DataArray.From(texts, count, 2)),
        ("scale", DataArray.From([1f], [])));

    private static Variable Logistic(Variable f) => (1 + (-f).Exp()).Log();

    private static void Closed(ModelOutput task, HandResult result, Batch batch, Func<Variable, Variable> loss)
    {
        Variable f = task.GetOutput(result, batch);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(task.GetOutToLossGradient(result, batch).ToArray(), Is.EqualTo(Derived.From(f, loss).ToArray()).Within(1e-6f), "Q");
            Assert.That(
                task.GetLoss(result, batch).ToArray(), Is.EqualTo(loss(f).ToArray()).Within(1e-5f), "the loss is that function of f");
        }
    }

    /// <summary>Lets a test call what a custom task calls.</summary>
    private sealed class Derived : ModelOutput
    {
        public static Variable From(Variable output, Func<Variable, Variable> loss) => FromLoss(output, loss);

        public override Variable GetOutput(ModelResult result, Batch batch) => throw new NotSupportedException();

        public override Variable GetOutToLossGradient(ModelResult result, Batch batch) => throw new NotSupportedException();
    }
}
