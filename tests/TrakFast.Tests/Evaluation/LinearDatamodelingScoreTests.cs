using TrakFast.Evaluation;
using TrakFast.Kernels;
using TrakFast.Tests.Support;

namespace TrakFast.Tests.Evaluation;

public sealed class LinearDatamodelingScoreTests
{
    [Test]
    public void By_hand()
    {
        // Subsets {0,1}, {0,2}, {1,2}; scores give sums 3, 1, 2 and 3, 3, 0.
        Subsets subsets = Subsets.From(DataArray.From([true, true, false, true, false, true, false, true, true], 3, 3));
        var lds = LinearDatamodelingScore.Compute(new float[] { 1, 3, 2, 0, 0, 0 }, subsets, [10, 5, 0, 7, 5, 6]);

        // Orders agree for target 0; ranks 2.5 2.5 1 against 1 3 2 give 0 for target 1.
        Assert.That(lds.PerTarget, Is.EqualTo(new[] { 1, 0.0 }).Within(1e-12));
        Assert.That(lds.Mean, Is.EqualTo(.5).Within(1e-12));
        Assert.That((lds.Subsets, lds.UndefinedTargets), Is.EqualTo((3, 0)));
        Assert.That((lds.Low, lds.High), Is.EqualTo((0.0, 1.0)));
    }

    [TestCase(30, 3)]
    [TestCase(2500, 5)]
    [TestCase(1100, 9000)]
    public void A_perfect_linear_datamodel_scores_one(int n, int m)
    {
        (float[] scores, Subsets subsets, float[] margins) = Perfect(n, m, 12);
        long alive = NativeBuffers.Alive;
        var lds = LinearDatamodelingScore.Compute(scores, subsets, margins);
        Assert.That(lds.PerTarget, Is.All.EqualTo(1.0).Within(1e-12));
        Assert.That((lds.Low, lds.High), Is.EqualTo((1.0, 1.0)).Using<(double, double)>(
            static (a, b) => Math.Abs(a.Item1 - b.Item1) + Math.Abs(a.Item2 - b.Item2) < 1e-9));
        Assert.That(NativeBuffers.Alive, Is.EqualTo(alive));
    }

    [Test]
    public void Noise_scores_nothing_and_the_interval_says_so()
    {
        (_, Subsets subsets, float[] margins) = Perfect(500, 200, 100);
        var lds = LinearDatamodelingScore.Compute(Baselines.Random(200, seed: 5), subsets, margins);
        Assert.That(lds.Mean, Is.EqualTo(0).Within(.03));
        Assert.That(lds.Low, Is.LessThan(0));
        Assert.That(lds.High, Is.GreaterThan(0));
    }

    [Test]
    public void Scaling_a_target_changes_nothing_and_turning_it_round_turns_its_sign()
    {
        (float[] scores, Subsets subsets, float[] margins) = Perfect(200, 4, 50);
        var random = new Random(3);
        for (int i = 0; i < margins.Length; i++) margins[i] += random.Next(60);
        var lds = LinearDatamodelingScore.Compute(scores, subsets, margins);
        float[] scaled = [.. scores.Select(static (v, at) => v * (at % 4) switch { 0 => 4, 1 => .125f, 2 => -1, _ => 1 })];
        var other = LinearDatamodelingScore.Compute(scaled, subsets, margins);
        Assert.That(
            other.PerTarget, Is.EqualTo(new[] { lds.PerTarget[0], lds.PerTarget[1], -lds.PerTarget[2], lds.PerTarget[3] }).Within(1e-12));
        Assert.That(lds.Mean, Is.InRange(.2, .95));
    }

    [Test]
    public void Threads_and_files_change_nothing()
    {
        (float[] scores, Subsets subsets, float[] margins) = Perfect(3000, 40, 30);
        var random = new Random(3);
        for (int i = 0; i < scores.Length; i++) scores[i] += (float)random.NextDouble() * 30;
        var expected = LinearDatamodelingScore.Compute(scores, subsets, margins);
        using var folder = new TemporaryDirectory();
        using NpyRowsFile file = NpyRowsFile.Create(folder["scores.mmap"], ElementType.Float32, 3000, 40);
        file.WriteRows(0, scores);
        var other = LinearDatamodelingScore.Compute(
            file.ReadRows, subsets, margins, new LinearDatamodelingOptions { Workers = new Workers(3) });
        Assert.That(other.PerTarget, Is.EqualTo(expected.PerTarget));
        Assert.That(other with { PerTarget = expected.PerTarget }, Is.EqualTo(expected));
    }

    [Test]
    public void Targets_without_an_order_count_as_zero_and_are_counted()
    {
        (float[] scores, Subsets subsets, float[] margins) = Perfect(50, 2, 10);
        for (int i = 0; i < 50; i++) scores[i * 2] = 0;
        var lds = LinearDatamodelingScore.Compute(scores, subsets, margins);
        Assert.That(lds.UndefinedTargets, Is.EqualTo(1));
        Assert.That(lds.Mean, Is.EqualTo(.5).Within(1e-12));
    }

    [Test]
    public void What_does_not_fit_is_said()
    {
        (float[] scores, Subsets subsets, float[] margins) = Perfect(50, 2, 10);
        Assert.Catch<TrakException>(() => LinearDatamodelingScore.Compute(scores[..98], subsets, margins));
        Assert.Catch<TrakException>(() => LinearDatamodelingScore.Compute(scores, subsets, margins.AsSpan(0, 19)));
        margins[5] = float.NaN;
        Assert.That(
            Assert.Catch<TrakException>(() => LinearDatamodelingScore.Compute(scores, subsets, margins))!.Message,
            Does.Contain("target 1 after training on subset 2 is NaN"));
        margins[5] = 0;
        scores[1] = float.PositiveInfinity;
        Assert.That(
            Assert.Catch<TrakException>(() => LinearDatamodelingScore.Compute(scores, subsets, margins))!.Message,
            Does.Contain("scores of target 1"));
        using var stopped = new CancellationTokenSource();
        stopped.Cancel();
        Assert.Throws<OperationCanceledException>(
            () => LinearDatamodelingScore.Compute(scores, subsets, margins, cancellationToken: stopped.Token));
    }

    [Test]
    public void The_interval_covers_the_truth_as_often_as_it_says()
    {
        int covered = 0;
        for (ulong trial = 0; trial < 400; trial++)
        {
            var random = new SeededRandom(9, trial);
            double[] values = new double[60];
            foreach (ref double value in values.AsSpan()) value = .4 + (.2 * random.Normal());
            (double low, double high) = Bootstrap.Mean(values, 1000, .95, trial);
            if (low <= .4 && .4 <= high) covered++;
        }

        Assert.That(covered / 400.0, Is.InRange(.91, .98));
    }

    // Whole scores, so that sums are exact and no order hangs on rounding.
    private static (float[] Scores, Subsets Subsets, float[] Margins) Perfect(int n, int m, int count)
    {
        var random = new Random(n + m);
        float[] scores = [.. Enumerable.Range(0, n * m).Select(_ => (float)random.Next(-9, 10))];
        Subsets subsets = SubsetSampler.Sample(n, count, seed: 11);
        float[] margins = new float[count * m];
        for (int s = 0; s < count; s++)
        {
            foreach (long i in subsets.Members(s))
            {
                for (int j = 0; j < m; j++) margins[(s * m) + j] += scores[(i * m) + j];
            }
        }

        return (scores, subsets, margins);
    }
}
