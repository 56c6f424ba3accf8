using TrakFast.Evaluation;
using TrakFast.Kernels;

namespace TrakFast.Tests.Evaluation;

public sealed class BaselinesTests
{
    [Test]
    public void Gradient_dot_products_by_hand()
    {
        CheckpointFeatures first = new(RowBlocks.From(new float[] { 1, 0, 0, 1, 1, 1 }, 2), new float[] { 1, 2, -1, 1 }, 2);
        Assert.That(Baselines.GradientDotProduct([first], Workers.Single).ToArray(3, 2), Is.EqualTo(new float[] { 1, -1, 2, 1, 3, 0 }));

        // A second checkpoint with another dimension and Q: products 2, 4 / 0, 0 / 4, 8, weighted 1, 1, ½.
        CheckpointFeatures second = new(RowBlocks.From(new float[] { 1, 0, 2 }, 1), new float[] { 2, 4 }, 1, new float[] { 1, 1, .5f });
        Assert.That(
            Baselines.GradientDotProduct([first, second], Workers.Single).ToArray(3, 2),
            Is.EqualTo(new float[] { 1.5f, 1.5f, 1, .5f, 2.5f, 2 }));

        float[] row = new float[2];
        Baselines.GradientDotProduct([first, second], Workers.Single)(2, row);
        Assert.That(row, Is.EqualTo(new float[] { 2.5f, 2 }));
        CheckpointFeatures other = new(first.Train, new float[] { 1, 2 }, 2);
        Assert.Catch<TrakException>(() => Baselines.GradientDotProduct([first, other], Workers.Single));
    }

    [Test]
    public void Loss_is_the_cross_entropy_of_the_margin()
    {
        float[] loss = Baselines.Loss([0, 2, -2, 1000, -1000, 0.6867383f]);
        Assert.That(loss, Is.EqualTo(new[] { 0.6931472f, 0.1269280f, 2.1269280f, 0, 1000, 0.4076060f }).Within(1e-6));
    }

    [Test]
    public void Random_scores_are_normal_and_the_same_in_any_block()
    {
        float[] all = Baselines.Random(5000, 7, seed: 4);
        float[] some = new float[21];
        Baselines.Random(7, seed: 4)(1023, some);
        Assert.That(some, Is.EqualTo(all[(1023 * 7)..(1026 * 7)]));
        Assert.That(all.Average(), Is.EqualTo(0).Within(.03));
        Assert.That(all.Average(static v => v * v), Is.EqualTo(1).Within(.03));
        Assert.That(Baselines.Random(5000, 7, seed: 5), Is.Not.EqualTo(all));
    }
}
