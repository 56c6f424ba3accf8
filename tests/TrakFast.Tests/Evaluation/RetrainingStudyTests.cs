using TrakFast.Evaluation;

namespace TrakFast.Tests.Evaluation;

public sealed class RetrainingStudyTests
{
    private readonly Subsets _subsets = SubsetSampler.Sample(40, 12);

    [Test]
    public void The_result_does_not_depend_on_the_threads()
    {
        RetrainingMargins one = RetrainingStudy.Run(_subsets, 3, 2, Train, seed: 5, threads: 1);
        RetrainingMargins many = RetrainingStudy.Run(_subsets, 3, 2, Train, seed: 5, threads: 7);
        Assert.That(many.Values.ToArray(), Is.EqualTo(one.Values.ToArray()));
        Assert.That((one.Repeats, one.Subsets, one.Targets), Is.EqualTo((3, 12, 2)));
        Assert.That(one.Values[(((2 * 12) + 7) * 2) + 1], Is.EqualTo(_subsets.Members(7).Sum()));
        Assert.That(Enumerable.Range(0, 36).Select(t => one.Values[t * 2]).Distinct().Count(), Is.EqualTo(36), "seeds differ");
        RetrainingMargins more = RetrainingStudy.Run(SubsetSampler.Sample(40, 20), 4, 2, Train, seed: 5);
        Assert.That(more.Values[((20 * 2) + 7) * 2], Is.EqualTo(one.Values[((12 * 2) + 7) * 2]));
    }

    [Test]
    public void Progress_counts_every_model()
    {
        List<RetrainingProgress> seen = [];
        RetrainingStudy.Run(_subsets, 2, 2, Train, threads: 4, progress: new Collect(seen));
        Assert.That(seen, Is.EqualTo(Enumerable.Range(1, 24).Select(static d => new RetrainingProgress(d, 24))));
    }

    [Test]
    public void A_study_can_be_stopped()
    {
        using var stop = new CancellationTokenSource();
        int started = 0;
        Assert.Throws<OperationCanceledException>(() => RetrainingStudy.Run(
            _subsets, 100, 2, (task, token) =>
            {
                if (Interlocked.Increment(ref started) == 5) stop.Cancel();
                return Train(task, token);
            },
            threads: 3, cancellationToken: stop.Token));
        Assert.That(started, Is.LessThan(50));
    }

    [Test]
    public void A_failure_comes_out_as_it_is()
    {
        Assert.Throws<InvalidTimeZoneException>(() => RetrainingStudy.Run(
            _subsets,
            2, 2,
            static (task, token) => task is { Repeat: 1, Subset: 3 } ? throw new InvalidTimeZoneException() : Train(task, token),
            threads: 4));
        Assert.That(
            Assert.Catch<TrakException>(() => RetrainingStudy.Run(_subsets, 1, 3, Train))!.Message,
            Does.Contain("returned 2 margins for 3 targets"));
        Assert.That(
            Assert.Catch<TrakException>(() => RetrainingStudy.Run(_subsets, 1, 1, static (_, _) => [float.NaN], threads: 1))!.Message,
            Does.Contain("gave target 0 the margin NaN"));
        Assert.Throws<InvalidTimeZoneException>(() => RetrainingStudy.Run(_subsets, 2, 2, Train, threads: 2, progress: new Fail()));
    }

    [Test]
    public void Margins_pass_through_files_and_average()
    {
        var margins = new RetrainingMargins([1, 2, 3, 4, 5, 6, 7, 9], 2, 2, 2);
        Assert.That(margins.Mean(), Is.EqualTo(new float[] { 3, 4, 5, 6.5f }));
        RetrainingMargins back = RetrainingMargins.From(margins.ToArray());
        Assert.That(back.Values.ToArray(), Is.EqualTo(margins.Values.ToArray()));
        Assert.That(RetrainingMargins.From(DataArray.From([1f, 2f], 2, 1)).Repeats, Is.EqualTo(1));
        Assert.Catch<TrakException>(() => RetrainingMargins.From(DataArray.From([1f, 2f], 2)));
        Assert.Catch<TrakException>(() => new RetrainingMargins([1], 1, 2, 1));
    }

    private static float[] Train(RetrainingTask task, CancellationToken token)
    {
        Thread.SpinWait((int)(task.Seed % 1000));
        return [task.Seed >> 40, task.Members().Sum()];
    }

    private sealed class Collect(List<RetrainingProgress> seen) : IProgress<RetrainingProgress>
    {
        public void Report(RetrainingProgress value) => seen.Add(value);
    }

    private sealed class Fail : IProgress<RetrainingProgress>
    {
        public void Report(RetrainingProgress value) => throw new InvalidTimeZoneException();
    }
}
