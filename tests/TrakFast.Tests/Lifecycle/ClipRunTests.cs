using TrakFast.Onnx;
using TrakFast.Tests.Support;

namespace TrakFast.Tests.Lifecycle;

/// <summary>CLIP through a <see cref="Traker"/>: embeddings of the contrast set, batches, resuming, and what must not mix.</summary>
public sealed class ClipRunTests
{
    private static readonly Batch Train = TwoTowers.Examples(1, TwoTowers.TrainSize);
    private TemporaryDirectory _directory = null!;
    private OnnxModel _model = null!;

    [SetUp]
    public void SetUp()
    {
        _directory = new TemporaryDirectory();
        _model = new OnnxModel(TwoTowers.Graph());
    }

    [TearDown]
    public void TearDown()
    {
        _model.Dispose();
        _directory.Dispose();
    }

    [Test]
    public void FeaturesAndQOverTheContrastSetAreTheSameInAnyBatch()
    {
        byte[] expected = Featurized("whole", Task(), 24);
        Assert.That(Featurized("ones", Task(), 1), Is.EqualTo(expected));
        Assert.That(Featurized("sevens", Task(), 7), Is.EqualTo(expected));
        Assert.That(Featurized("other", Task(seed: 9), 24), Is.Not.EqualTo(expected), "another contrast set");
    }

    [Test]
    public void EveryCheckpointHasItsOwnEmbeddings()
    {
        Clip task = Task();
        using Traker traker = Create("run", task);
        foreach (int id in new[] { 0, 1, 0 })
        {
            traker.LoadCheckpoint(TwoTowers.Weights(id), id);
            using OnnxModel fresh = new(TwoTowers.Graph());
            fresh.Load(TwoTowers.Weights(id));
            Clip other = Task();
            other.Prepare(fresh);
            using ModelResult mine = _model.Forward(Train), theirs = fresh.Forward(Train);
            Assert.That(task.GetOutput(mine, Train).ToArray(), Is.EqualTo(other.GetOutput(theirs, Train).ToArray()), $"checkpoint {id}");
        }
    }

    [Test]
    public void ARunThatStoppedGoesOnAndEndsWithTheSameScores()
    {
        float[] whole = Scores("whole", Task());
        using (Traker traker = Create("parts", Task()))
        {
            traker.LoadCheckpoint(TwoTowers.Weights(0), 0);
            traker.Featurize(Train.Rows(0, 10));
        }

        Assert.That(Scores("parts", Task()), Is.EqualTo(whole));
        Assert.That(whole.All(float.IsFinite) && whole.Any(static s => s != 0));
    }

    [Test]
    public void QOverTheBatchDependsOnItAndTakesNoPartOfIt()
    {
        float[] twelve = Q("twelve", Task(batchSize: 12), 12), eight = Q("eight", Task(batchSize: 8), 8);
        Assert.That(eight, Is.Not.EqualTo(twelve));
        using Traker traker = Create("parts", Task(batchSize: 12));
        traker.LoadCheckpoint(TwoTowers.Weights(0), 0);
        traker.Featurize(Train.Rows([3, 4]), [3, 4]);
        Assert.That(
            () => traker.Featurize(Train.Rows(0, 12)),
            Throws.InstanceOf<TrakException>().With.Message.Contains("2 of the 12 examples").And.Message.Contains("training example 3")
                .And.Message.Contains("same batches"));
        traker.Featurize(Train.Rows([3, 4]), [3, 4]);
        Assert.That(traker.DoneCount, Is.EqualTo(2));
    }

    [Test]
    public void OtherSettingsOfTheTaskAreRefusedWithBothValues()
    {
        Create("run", Task()).Dispose();
        using (Traker traker = Create("run", Task()))
        {
            traker.LoadCheckpoint(TwoTowers.Weights(0), 0);
            traker.Featurize(Train.Rows(0, 5));
        }

        Refused(Task(temperature: 2), "task's temperature 1, now 2");
        Refused(Task(batchSize: 6), "task's q contrast set, now batches of 6");
        Refused(new Clip(new ContrastSet([0, 1, 2, 9], 24, Train.Rows)), "now 0-2,9");
        Refused(TrakFast.Tasks.Regression, "task clip, now regression", "task's q contrast set, now not set");
        using Traker again = Create("run", Task());
        Assert.That(again.Store.TaskSettings["contrast"], Is.EqualTo($"{Draw(0)}"));

        void Refused(ModelOutput task, params string[] parts)
        {
            TrakException error = Assert.Catch<TrakException>(() => Create("run", task))!;
            foreach (string part in parts) Assert.That(error.Message, Does.Contain(part));
        }
    }

    [Test]
    public void LongContrastSetsAreToldApartInAFewWords()
    {
        // Training sets of 1,000 whose examples repeat.
        static Batch Repeated(IReadOnlyList<long> rows) => Train.Rows([.. rows.Select(static row => row % 24)]);
        Clip Spread(int step) => new(new ContrastSet([.. Enumerable.Range(0, 80).Select(i => (long)i * step)], 1000, Repeated));
        using (Traker traker = new(_model, Spread(2), 1000, Options("run")))
        {
            traker.LoadCheckpoint(TwoTowers.Weights(0), 0);
            traker.Featurize(Train.Rows(0, 1));
        }

        string message = Assert.Catch<TrakException>(() => new Traker(_model, Spread(3), 1000, Options("run")))!.Message;
        Assert.That(message, Does.Contain("0,2,4").And.Contain("0,3,6").And.Contain("hash"));
        Assert.That(message, Has.Length.LessThan(400));
    }

    [Test]
    public void TheTaskIsToldTheTrainIndicesAndNoneForTargets()
    {
        Spy spy = new();
        using Traker traker = Create("run", spy);
        traker.LoadCheckpoint(TwoTowers.Weights(0), 0);
        traker.Featurize(Train.Rows([5, 2]), [5, 2]);
        traker.Featurize(Train.Rows(0, 24));
        Assert.That(spy.Indices[0], Is.EqualTo(new long[] { 5, 2 }));
        Assert.That(spy.Indices[1], Is.EqualTo(Enumerable.Range(0, 24).Where(static i => i is not (5 or 2)).Select(static i => (long)i)));
        traker.FinalizeFeatures();
        traker.StartScoringCheckpoint("val", TwoTowers.Weights(0), 0, 5);
        traker.Score(TwoTowers.Examples(2, 5));
        Assert.That(spy.Indices[^1], Is.Null);
        Assert.That(spy.Prepared, Is.EqualTo(2), "once for each checkpoint loaded");
    }

    private static ContrastSet Draw(uint seed) => ContrastSet.Draw(24, 8, seed, Train.Rows);

    private static Clip Task(uint seed = 0, float temperature = 1, int? batchSize = null) => new(Draw(seed), temperature, batchSize);

    private TrakOptions Options(string name) => new() { SaveDirectory = _directory[name], ProjectionDimension = 16 };

    private Traker Create(string name, ModelOutput task) => new(_model, task, 24, Options(name));

    private byte[] Featurized(string name, ModelOutput task, int batchSize)
    {
        using (Traker traker = Create(name, task))
        {
            traker.LoadCheckpoint(TwoTowers.Weights(0), 0);
            for (int start = 0; start < 24; start += batchSize) traker.Featurize(Train.Rows(start, Math.Min(batchSize, 24 - start)));
        }

        return [.. File.ReadAllBytes(_directory[name, "0", "grads.mmap"]), .. File.ReadAllBytes(_directory[name, "0", "out_to_loss.mmap"])];
    }

    private float[] Q(string name, ModelOutput task, int batchSize)
    {
        Featurized(name, task, batchSize);
        return Fixtures.Floats(_directory[name, "0", "out_to_loss.mmap"]);
    }

    private float[] Scores(string name, ModelOutput task)
    {
        using Traker traker = Create(name, task);
        foreach (int id in new[] { 0, 1 })
        {
            traker.LoadCheckpoint(TwoTowers.Weights(id), id);
            traker.Featurize(Train);
        }

        traker.FinalizeFeatures();
        foreach (int id in new[] { 0, 1 })
        {
            traker.StartScoringCheckpoint("val", TwoTowers.Weights(id), id, TwoTowers.TargetCount);
            traker.Score(TwoTowers.Examples(2, TwoTowers.TargetCount));
        }

        using Scores scores = traker.FinalizeScores("val");
        return [.. Enumerable.Range(0, 24).SelectMany(i => scores.Row(i).ToArray())];
    }

    private sealed class Spy : ModelOutput
    {
        public List<IReadOnlyList<long>?> Indices { get; } = [];

        public int Prepared { get; private set; }

        public override void Prepare(IModel model) => Prepared++;

        public override Variable GetOutput(ModelResult result, Batch batch)
        {
            Indices.Add(batch.TrainIndices);
            return result.First.Sum(1);
        }

        public override Variable GetOutToLossGradient(ModelResult result, Batch batch) => result.First.Detach().Sum(1);
    }
}
