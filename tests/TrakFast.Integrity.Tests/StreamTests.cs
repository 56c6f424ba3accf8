using TrakFast.Cli.Tests.Support;
using TrakFast.Onnx;

namespace TrakFast.Integrity.Tests;

/// <summary>Points 7 and 8: data that changes underneath, and streams that are not what was promised.</summary>
public sealed class StreamTests
{
    private SmallRun _run = null!;
    private OnnxModel _model = null!;
    private Traker _traker = null!;
    private NpyDataset _train = null!;

    [SetUp]
    public void Open()
    {
        _run = new SmallRun();
        _model = OnnxModel.Load(_run.File("model.onnx"));
        _train = OpenTrain();
        _traker = NewTraker(_run);
        _traker.LoadCheckpoint(_model.ToCheckpoint("w"), 0);
    }

    [TearDown]
    public void Close()
    {
        _traker.Dispose();
        _model.Dispose();
        _train.Dispose();
        _run.Dispose();
    }

    [Test]
    public async Task AFileThatIsRewrittenIsFoundAtTheNextBatch()
    {
        string path = _run.File("train.image.npy");
        _train.Read(0, 2);
        byte[] bytes = await File.ReadAllBytesAsync(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddSeconds(5));
        InputException changed = Assert.Throws<InputException>(() => _train.Read(2, 2))!;
        Assert.That(changed.Message, Does.Contain(path).And.Contain("changed while it was read"));
    }

    [Test]
    public void AChangeThatHidesItsTimeIsFoundByTheHashAtTheEnd()
    {
        string path = _run.File("train.image.npy"), hash = _train.Hash();
        Assert.That(() => _train.RequireUnchanged(hash), Throws.Nothing);
        DateTime written = File.GetLastWriteTimeUtc(path);
        byte[] bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);
        File.SetLastWriteTimeUtc(path, written);
        Assert.That(() => _train.RequireUnchanged(hash), Throws.InstanceOf<InputException>().With.Message.Contains(hash));
    }

    [Test]
    public void AFileThatIsCutShortIsFound()
    {
        string path = _run.File("train.image.npy");
        using (FileStream file = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite)) file.SetLength(file.Length - 64);
        Assert.That(() => _train.Read(4, 2), Throws.InstanceOf<TrakException>().With.Message.Contains(path));
    }

    [Test]
    public void FeaturesThatAreCutShortWhileTheyAreWrittenAreFound()
    {
        _traker.Featurize(_train.Read(0, 2));
        using (FileStream file = new(Path.Combine(_run.Save, "0", "grads.mmap"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            file.SetLength(140);
        TrakException cut = Assert.Catch<TrakException>(() => _traker.FinalizeFeatures())!;
        Assert.That(cut.Message, Does.Contain("grads.mmap").And.Contain("140 bytes"));
    }

    [Test]
    public async Task AStreamThatFailedStartsOver()
    {
        Assert.That(async () => await _traker.FeaturizeAsync(Broken()), Throws.InstanceOf<IOException>());
        await _traker.FeaturizeAsync(_train.Batches(2));
        _traker.FinalizeFeatures();
        float[] after = Features(_traker);
        Assert.That(after, Is.EqualTo(await FeaturesInOrderAsync()));

        async IAsyncEnumerable<Batch> Broken()
        {
            yield return _train.Read(0, 2);
            await Task.Yield();
            throw new IOException("the source broke");
        }
    }

    [Test]
    public void FewerAndMoreThanPromisedAreSaid()
    {
        Assert.That(
            async () => await _traker.FeaturizeAsync(_train.Batches(2, 0..4)),
            Throws.InstanceOf<InputException>().With.Message.Contains("held 4 examples").And.Message.Contains("6 training examples were promised"));
        Assert.That(_traker.DoneCount, Is.EqualTo(4));
        Assert.That(
            async () => await _traker.FeaturizeAsync(Twice()), Throws.InstanceOf<InputException>().With.Message.Contains("8 examples were given"));
        Assert.That(_traker.DoneCount, Is.EqualTo(6));

        async IAsyncEnumerable<Batch> Twice()
        {
            await foreach (Batch batch in _train.Batches(2)) yield return batch;
            yield return _train.Read(0, 2);
        }
    }

    [Test]
    public async Task BatchesThatCarryTheirIndicesMayComeInAnyOrder()
    {
        long[][] order = [[5, 0], [3, 2], [1, 4]];
        await _traker.FeaturizeAsync(Shuffled());
        _traker.FinalizeFeatures();
        float[] shuffled = Features(_traker);
        Assert.That(shuffled, Is.EqualTo(await FeaturesInOrderAsync()));

        async IAsyncEnumerable<Batch> Shuffled()
        {
            foreach (long[] rows in order)
            {
                await Task.Yield();
                yield return _train.Read(rows).With(rows);
            }
        }
    }

    private Traker NewTraker(SmallRun run) =>
        new(_model, Tasks.ImageClassification, 6, new TrakOptions { SaveDirectory = run.Save, ProjectionDimension = 4 });

    // Of a run of its own, in one go.
    private async Task<float[]> FeaturesInOrderAsync()
    {
        using SmallRun other = new();
        using Traker whole = NewTraker(other);
        whole.LoadCheckpoint(_model.ToCheckpoint("w"), 0);
        await whole.FeaturizeAsync(_train.Batches(2));
        whole.FinalizeFeatures();
        return Features(whole);
    }

    private static float[] Features(Traker traker)
    {
        float[] values = new float[24];
        using NpyRowsFile file = traker.Store.ReadFeatures(0);
        file.ReadRows(0, values);
        return values;
    }

    private NpyDataset OpenTrain() => NpyDataset.Open([("image", _run.File("train.image.npy")), ("label", _run.File("train.label.npy"))]);
}
