using TrakFast.Tests.Support;

namespace TrakFast.Tests.ModelOutputs;

/// <summary>A task's loss from the Q that a save directory keeps: the task's own loss, or none where Q does not tell it.</summary>
public sealed class LossFromQTests
{
    private static readonly float[] Logits = [2, 1, 0, 0, 0, 0, -1, 3, .5f, 9, -4, 1];

    [Test]
    public void OfAClassificationIsTheCrossEntropy()
    {
        using HandResult result = new(("logits", DataArray.From(Logits, 4, 3)));
        Batch batch = Labels(0, 1, 0, 0);
        IsTheLoss(new ImageClassification(), result, batch);
        IsTheLoss(new TextClassification(), result, batch);
        Assert.That(new ImageClassification().LossFromQ([0.3347590f])![0], Is.EqualTo(0.4076059).Within(1e-6), "by hand");
        Assert.That(new ImageClassification(temperature: 2).LossFromQ([.5f]), Is.Null, "Q is of another softmax");
    }

    [Test]
    public void OfAClassificationStaysFiniteWhereQIsOne() =>
        Assert.That(new ImageClassification().LossFromQ([1f, 0f]), Is.EqualTo(new[] { -Math.Log(float.Epsilon), 0 }));

    [TestCase(1f)]
    [TestCase(2f)]
    [TestCase(.5f)]
    public void OfABinaryClassificationIsTheCrossEntropyAtAnyTemperature(float temperature)
    {
        using HandResult result = new(("logits", DataArray.From([2f, 0, -1, -3], 4)));
        IsTheLoss(new BinaryClassification(temperature), result, Labels(1, 1, 0, 1));
    }

    [Test]
    public void OfABinaryClassificationStaysFiniteAtEitherEnd() =>
        Assert.That(new BinaryClassification(temperature: 2).LossFromQ([0f, 1f]), Has.All.InRange(0, 300));

    [Test]
    public void OfARegressionIsHalfTheSquare()
    {
        using HandResult result = new(("value", DataArray.From([2.5f, 1, -4, 0], 4)));
        IsTheLoss(new Regression(), result, new Batch(("label", DataArray.From([3f, -1, -4, 0.5f], 4))));
    }

    [Test]
    public void OfARegressionOfSeveralValuesIsNotInQ()
    {
        using HandResult result = new(("value", DataArray.From([2f, 0, 3, 4], 2, 2)));
        Batch batch = new(("label", DataArray.From([1f, 2, 3, 4], 2, 2)));
        Assert.That(new Regression().LossFromQ(new Regression().GetOutToLossGradient(result, batch).ToArray()), Is.Null);
    }

    [Test]
    public void OfOtherTasksIsNotInQ()
    {
        Assert.That(new LanguageModeling().LossFromQ([.5f]), Is.Null);
        Assert.That(new Clip(new ContrastSet([0, 1], 2, static _ => throw new NotSupportedException())).LossFromQ([.5f]), Is.Null);
    }

    private static void IsTheLoss(ModelOutput task, HandResult result, Batch batch) => Assert.That(
        task.LossFromQ(task.GetOutToLossGradient(result, batch).ToArray()),
        Is.EqualTo(task.GetLoss(result, batch).ToArray()).Within(5e-5), "where Q is close to 1, float32 has few digits of 1 − Q left");

    private static Batch Labels(params long[] labels) => new(("label", DataArray.From(labels, labels.Length)));
}
