using TrakFast.Evaluation;

namespace TrakFast.Tests.Evaluation;

public sealed class MislabelDetectionTests
{
    [Test]
    public void By_hand()
    {
        // Inspected in the order 3, 0, 1, 4, 2; wrong are 3 and 1, found at positions 0 and 2.
        var detection = MislabelDetection.Compute([4, 3, 1, 5, 2], [false, true, false, true, false]);
        Assert.That(detection.RocAuc, Is.EqualTo(5.0 / 6).Within(1e-12));
        Assert.That(detection.PrecisionAtMislabeled, Is.EqualTo(.5));
        Assert.That(Enumerable.Range(0, 6).Select(detection.Found), Is.EqualTo(new[] { 0, 1, 1, 2, 2, 2 }));
        Assert.That(detection.CurveArea, Is.EqualTo(1 - (1.5 / 5)).Within(1e-12));
        Assert.That(
            detection.Curve(6),
            Is.EqualTo(new DetectionPoint[] { new(0, 0), new(.2, .5), new(.4, .5), new(.6, 1), new(.8, 1), new(1, 1) }));
    }

    [Test]
    public void Perfect_and_reversed_rankings()
    {
        bool[] truth = [true, true, false, false, false, false, false, false];
        var perfect = MislabelDetection.Compute([8, 7, 6, 5, 4, 3, 2, 1], truth);
        Assert.That((perfect.RocAuc, perfect.PrecisionAtMislabeled, perfect.CurveArea), Is.EqualTo((1.0, 1.0, 1 - (.25 / 2))));
        var reversed = MislabelDetection.Compute([1, 2, 3, 4, 5, 6, 7, 8], truth);
        Assert.That((reversed.RocAuc, reversed.PrecisionAtMislabeled, reversed.CurveArea), Is.EqualTo((0.0, 0.0, .125)));
    }

    [Test]
    public void Ties_go_by_index_in_the_curve_and_half_in_the_area()
    {
        var detection = MislabelDetection.Compute([1, 1, 1, 1], [true, false, false, true]);
        Assert.That(detection.RocAuc, Is.EqualTo(.5));
        Assert.That(Enumerable.Range(0, 5).Select(detection.Found), Is.EqualTo(new[] { 0, 1, 1, 1, 2 }));
    }

    [Test]
    public void The_curve_area_follows_from_the_ROC_area_without_ties()
    {
        var random = new Random(2);
        float[] suspicion = [.. Enumerable.Range(0, 1000).Select(_ => (float)random.NextDouble())];
        bool[] wrong = [.. Enumerable.Range(0, 1000).Select(i => random.NextDouble() < suspicion[i] / 4)];
        var detection = MislabelDetection.Compute(suspicion, wrong);
        double share = detection.Mislabeled / 1000.0;
        Assert.That(detection.CurveArea, Is.EqualTo((share / 2) + ((1 - share) * detection.RocAuc)).Within(1e-9));
    }

    [Test]
    public void What_cannot_be_measured_is_refused()
    {
        Assert.Catch<TrakException>(() => MislabelDetection.Compute([1, 2], [false, false]));
        Assert.Catch<TrakException>(() => MislabelDetection.Compute([1, 2], [true, true]));
        Assert.Catch<TrakException>(() => MislabelDetection.Compute([1, float.NaN], [true, false]));
    }
}
