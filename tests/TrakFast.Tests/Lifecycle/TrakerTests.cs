using TrakFast.Kernels;
using TrakFast.Tests.Support;

namespace TrakFast.Tests.Lifecycle;

/// <summary>Steps in and out of order, resuming, and what must not mix.</summary>
public sealed class TrakerTests
{
    private TemporaryDirectory _directory = null!;
    private ConformanceCase _case = null!;

    [SetUp]
    public void SetUp()
    {
        _directory = new TemporaryDirectory();
        _case = new ConformanceCase("mlp");
    }

    [TearDown]
    public void TearDown()
    {
        _case.Dispose();
        _directory.Dispose();
    }

    [Test]
    public async Task ARunThatStoppedGoesOnAndEndsWithTheSameScores()
    {
        float[] whole = await ScoresAsync(_directory["whole"]);
        using (Traker traker = Create(_directory["parts"]))
        {
            traker.LoadCheckpoint(_case.Checkpoints[0], 0);
            traker.Featurize(_case.Train.Rows(0, 30));
            traker.Featurize(_case.Train.Rows([50, 90]), [50, 90]);
            using CancellationTokenSource stop = new();
            stop.Cancel();
            Assert.That(
                async () => await traker.FeaturizeAsync(Batches(_case.Train, 10), null, stop.Token),
                Throws.InstanceOf<OperationCanceledException>());
        }

        using (Traker again = Create(_directory["parts"]))
        {
            again.LoadCheckpoint(_case.Checkpoints[0], 0);
            Assert.That(again.DoneCount, Is.EqualTo(32));
        }

        Assert.That(await ScoresAsync(_directory["parts"]), Is.EqualTo(whole));
    }

    [Test]
    public async Task ProgressCountsExamples()
    {
        List<TrakProgress> seen = [];
        using Traker traker = Create(_directory["run"]);
        traker.LoadCheckpoint(_case.Checkpoints[0], 0);
        await traker.FeaturizeAsync(Batches(_case.Train, 40), new Recorder(seen));
        Assert.That(seen, Is.EqualTo(
            new[] { new TrakProgress("featurize", 40, 96), new TrakProgress("featurize", 80, 96), new TrakProgress("featurize", 96, 96) }));
    }

    [Test]
    public async Task ExperimentsAreScoredApart()
    {
        await ScoresAsync(_directory["run"]);
        using Traker traker = Create(_directory["run"]);
        traker.StartScoringCheckpoint("train", _case.Checkpoints[0], 0, 5);
        traker.Score(_case.Train.Rows([3, 1]), [3, 1]);
        traker.Score(_case.Train.Rows(0, 5));
        using Scores scores = traker.FinalizeScores("train");
        Assert.Multiple(() =>
        {
            Assert.That(scores.TargetCount, Is.EqualTo(5));
            Assert.That(traker.Store.Experiments, Is.EqualTo(new[] { "train", "val" }));
            Assert.That(
                Rows(traker.Store.ReadTargetFeatures(0, "train"), 5), Is.EqualTo(Rows(traker.Store.ReadFeatures(0), 5)),
                "the same examples have the same features");
        });
    }

    [Test]
    public void ParameterSelectionCountsOnlyWhatIsSelected()
    {
        using Traker traker = new(
            _case.Model, TrakFast.Tasks.ImageClassification, 96,
            Options(_directory["run"]) with { GradientOf = ["fc2.*"], Projection = ProjectionKind.None });
        traker.LoadCheckpoint(_case.Checkpoints[0], 0);
        traker.Featurize(_case.Train);
        using NpyRowsFile file = traker.Store.ReadFeatures(0);
        float[] selected = new float[96 * 330];
        file.ReadRows(0, selected);
        float[] expected = _case.Expected("_0.train.gradients");
        float[] tail = [.. Enumerable.Range(0, 96).SelectMany(i => expected[((i * 2410) + 2080)..((i + 1) * 2410)])];
        Assert.Multiple(() =>
        {
            Assert.That(traker.GradientDimension, Is.EqualTo(330));
            Assert.That(Fixtures.RelativeError(selected, tail), Is.LessThan(1e-5));
        });
    }

    [Test]
    public void AnotherRunInTheSameDirectoryIsRefusedWithBothValues()
    {
        Create(_directory["run"], featurize: 10).Dispose();
        TrakException error = Assert.Catch<TrakException>(() => new Traker(
            _case.Model, TrakFast.Tasks.ImageClassification, 96, Options(_directory["run"]) with { Seed = 7, ProjectionDimension = 65 }))!;
        Assert.That(error.Message, Does.Contain("projection dimension 64, now 65").And.Contain("seed 0, now 7"));
    }

    [Test]
    public void OtherWeightsUnderTheSameIdAreRefused()
    {
        using Traker traker = Create(_directory["run"], featurize: 10);
        TrakException error = Assert.Catch<TrakException>(() => traker.LoadCheckpoint(_case.Checkpoints[1], 0))!;
        Assert.That(error.Message, Does.Contain("Model 0").And.Contain("weights").And.Contain("checkpoint_1.safetensors"));
    }

    [Test]
    public void ASecondWriterIsRefusedAndToldWhoTheFirstIs()
    {
        using (Traker traker = Create(_directory["run"], featurize: 10))
            Assert.That(
                () => Create(_directory["run"]),
                Throws.InstanceOf<SaveDirectoryException>().With.Message.Contains("This process").And.Message.Contains("dispose"));
        using (new FileStream(_directory["run", ".trakfast.lock"], FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
            Assert.That(
                () => Create(_directory["run"]), Throws.InstanceOf<SaveDirectoryException>().With.Message.Contains("Another process"));
        Create(_directory["run"]).Dispose();
    }

    [Test]
    public void StepsOutOfOrderSaySo()
    {
        using Traker traker = Create(_directory["run"]);
        Fails("LoadCheckpoint", () => traker.Featurize(_case.Train));
        Fails("load a checkpoint", () => traker.FinalizeFeatures());
        Fails("has no model 0", () => traker.StartScoringCheckpoint("val", _case.Checkpoints[0], 0, 16));
        traker.LoadCheckpoint(_case.Checkpoints[0], 0);
        Fails("StartScoringCheckpoint", () => traker.Score(_case.Targets));
        traker.Featurize(_case.Train.Rows(0, 90));
        Fails("90 of 96", () => traker.FinalizeFeatures());
        Fails("not finalized", () => traker.StartScoringCheckpoint("val", _case.Checkpoints[0], 0, 16));
        traker.LoadCheckpoint(_case.Checkpoints[0], 0);
        traker.Featurize(_case.Train);
        traker.FinalizeFeatures();
        Fails("has no experiment", () => traker.FinalizeScores("val"));
        traker.StartScoringCheckpoint("val", _case.Checkpoints[0], 0, 16);
        traker.Score(_case.Targets.Rows(0, 10));
        Fails("10 of 16", () => traker.FinalizeScores("val"));
        Fails("has 16 targets, now 12", () => traker.StartScoringCheckpoint("val", _case.Checkpoints[0], 0, 12));
    }

    [Test]
    public void MoreExamplesThanPromisedAndBadIndicesAreRefused()
    {
        using Traker traker = Create(_directory["run"]);
        traker.LoadCheckpoint(_case.Checkpoints[0], 0);
        Fails("no training example 96", () => traker.Featurize(_case.Train.Rows(0, 2), [0, 96]));
        Fails("twice", () => traker.Featurize(_case.Train.Rows(0, 2), [5, 5]));
        Fails("2 examples and 1 indices", () => traker.Featurize(_case.Train.Rows(0, 2), [5]));
        traker.Featurize(_case.Train);
        Fails("97 examples were given", () => traker.Featurize(_case.Train.Rows(0, 1)));
    }

    [Test]
    public void ARunThatKeptNothingLeavesNothing()
    {
        using (Traker traker = Create(_directory["run"]))
        {
            traker.LoadCheckpoint(_case.Checkpoints[0], 0);
            Batch wrong = new(("image", _case.Train["image"]), ("label", DataArray.From(Enumerable.Repeat(10L, 96).ToArray(), 96)));
            Fails("holds 10 (example 0); the model has 10 classes", () => traker.Featurize(wrong));
        }

        Assert.That(Directory.Exists(_directory["run"]), Is.False);
    }

    [Test]
    public void ANumberThatIsNotFiniteNamesItsExampleAndNothingIsKept()
    {
        float[] pixels = _case.Train["image"].ToFloats();
        Array.Fill(pixels, 3e38f, 20 * 64, 64);
        Batch extreme = new(("image", DataArray.From(pixels, [.. _case.Train["image"].Shape])), ("label", _case.Train["label"]));
        using Traker traker = Create(_directory["run"]);
        traker.LoadCheckpoint(_case.Checkpoints[0], 0);
        Fails("training example 20", () => traker.Featurize(extreme));
        Assert.That(traker.DoneCount, Is.Zero);
        traker.Featurize(_case.Train);
        Assert.That(traker.DoneCount, Is.EqualTo(96));
    }

    [Test]
    public void OptionsAreCheckedAtConstruction()
    {
        Fails("k = 200", () => Create(Options(_directory["run"]) with { Lambda = Lambda.Absolute(0), ProjectionDimension = 200 }));
        Fails("projection dimension must be 1 or more", () => Create(Options(_directory["run"]) with { ProjectionDimension = 0 }));
        Fails("sparsity", () => Create(Options(_directory["run"]) with { Sparsity = 65 }));
        Fails("precision", () => Create(Options(_directory["run"]) with { Precision = ElementType.Int32 }));
        Fails(
            "no loss weighting",
            () => Create(Options(_directory["run"]) with { Scaling = ScoreScaling.TrakPython, Weighting = Weighting.Loss }));
        Fails("'fc9*'", () => Create(Options(_directory["run"]) with { GradientOf = ["fc9*"] }));
        Fails("at least 0", () => Lambda.Relative(-1));
        Fails("at least 0", () => Lambda.Absolute(double.NaN));
        Fails("There is no task 'x'", () => TrakFast.Tasks.ByName("x"));
        Fails("temperature", () => new ImageClassification(0));
        Assert.That(Directory.Exists(_directory["run"]), Is.False);
    }

    [TestCase("..")]
    [TestCase("a/b")]
    [TestCase("")]
    public void ExperimentNamesStayInTheDirectory(string name)
    {
        using Traker traker = Create(_directory["run"], featurize: 96);
        traker.FinalizeFeatures();
        Fails("name for an experiment", () => traker.StartScoringCheckpoint(name, _case.Checkpoints[0], 0, 16));
    }

    [TestCase(ElementType.Float16, 1e-3)]
    [TestCase(ElementType.BFloat16, 1e-2)]
    public async Task HalfPrecisionStoresGiveNearlyTheSameScores(ElementType precision, double tolerance)
    {
        float[] whole = await ScoresAsync(_directory["float32"]);
        float[] half = await ScoresAsync(Options(_directory["half"]) with { Precision = precision });
        Assert.That(Fixtures.RelativeError(half, whole), Is.LessThan(tolerance).And.GreaterThan(0));
    }

    [Test]
    public async Task EveryNativeBufferIsFreed()
    {
        _case.Dispose();
        long before = NativeBuffers.Alive;
        _case = new ConformanceCase("mlp");
        await ScoresAsync(_directory["run"]);
        _case.Dispose();
        Assert.That(NativeBuffers.Alive, Is.EqualTo(before));
    }

    private static TrakOptions Options(string directory) => new() { SaveDirectory = directory, ProjectionDimension = 64 };

    private static void Fails(string part, Action action) =>
        Assert.That(Assert.Catch<TrakException>(() => action())!.Message, Does.Contain(part));

    private static async IAsyncEnumerable<Batch> Batches(Batch examples, int size)
    {
        for (int start = 0; start < examples.Size; start += size)
        {
            await Task.Yield();
            yield return examples.Rows(start, Math.Min(size, examples.Size - start));
        }
    }

    private static float[] Rows(NpyRowsFile file, int count)
    {
        using (file)
        {
            float[] rows = new float[count * file.Width];
            file.ReadRows(0, rows);
            return rows;
        }
    }

    private Traker Create(string directory, int featurize = 0)
    {
        Traker traker = Create(Options(directory));
        if (featurize > 0)
        {
            traker.LoadCheckpoint(_case.Checkpoints[0], 0);
            traker.Featurize(_case.Train.Rows(0, featurize));
        }

        return traker;
    }

    private Traker Create(TrakOptions options) => new(_case.Model, TrakFast.Tasks.ImageClassification, 96, options);

    private Task<float[]> ScoresAsync(string directory) => ScoresAsync(Options(directory));

    private async Task<float[]> ScoresAsync(TrakOptions options)
    {
        using Traker traker = Create(options);
        traker.LoadCheckpoint(_case.Checkpoints[0], 0);
        await traker.FeaturizeAsync(Batches(_case.Train, 20));
        traker.FinalizeFeatures();
        traker.StartScoringCheckpoint("val", _case.Checkpoints[0], 0, 16);
        await traker.ScoreAsync(Batches(_case.Targets, 5));
        using Scores scores = traker.FinalizeScores("val");
        return [.. Enumerable.Range(0, 96).SelectMany(i => scores.Row(i).ToArray())];
    }

    private sealed class Recorder(List<TrakProgress> seen) : IProgress<TrakProgress>
    {
        public void Report(TrakProgress value) => seen.Add(value);
    }
}
