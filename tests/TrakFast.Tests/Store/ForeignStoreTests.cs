using TrakFast.Kernels;
using TrakFast.Tests.Support;

namespace TrakFast.Tests.Store;

/// <summary>Save directories that MadryLab/trak wrote.</summary>
public sealed class ForeignStoreTests
{
    private static readonly string[] Files =
    [
        "metadata.json", "experiments.json", "id_0.json", "id_1.json", "scores/val.mmap",
        .. new[] { 0, 1 }.SelectMany(static id => new[]
        {
            $"{id}/grads.mmap", $"{id}/features.mmap", $"{id}/out_to_loss.mmap", $"{id}/_is_featurized.mmap", $"{id}/val_grads.mmap"
        }),
    ];

    [Test]
    public void ItsFactsAndScoresAreRead()
    {
        using TrakStore store = TrakStore.Open(Fixtures.Path("trak_save_dir", "float32"));
        using Scores scores = store.ReadScores("val");
        float[] expected = Fixtures.Floats("trak_save_dir", "float32", "scores", "val.mmap");
        Assert.Multiple(() =>
        {
            Assert.That(store.IsForeign);
            Assert.That((store.TrainSetSize, store.ProjectionDimension, store.Projection), Is.EqualTo((96L, 64, ProjectionKind.Gaussian)));
            Assert.That(store.ModelIds, Is.EqualTo(new[] { 0, 1 }));
            Assert.That(store.TargetCount("val"), Is.EqualTo(16));
            Assert.That(scores[5, 3], Is.EqualTo(expected[(5 * 16) + 3]));
        });
    }

    [Test]
    public void WhatTrakFastAddsIsVerified()
    {
        using TemporaryDirectory directory = Copy("float32");
        Assert.That(TrakStore.Verify(directory.Path), Is.Empty, "nothing has checksums yet");
        using (TrakStore store = TrakStore.OpenForWriting(directory.Path))
        {
            TrakScorer scorer = new(store, new CpuBackend(Workers.Single), Lambda.Absolute(1));
            foreach (int modelId in store.ModelIds) scorer.FinalizeFeatures(modelId);
            scorer.FinalizeScores("val").Dispose();
        }

        Assert.That(TrakStore.Verify(directory.Path), Is.Empty);
        string factor = Path.Combine(directory.Path, "1", "cholesky.npy");
        byte[] bytes = File.ReadAllBytes(factor);
        bytes[^9] ^= 4;
        File.WriteAllBytes(factor, bytes);
        Assert.That(
            TrakStore.Verify(directory.Path).Select(static d => d.ToString()), Is.EqualTo(new[] { $"{factor}: row 63 is not what was written." }));
        Assert.That(TrakStore.Repair(directory.Path), Has.Count.EqualTo(1));
        Assert.That(TrakStore.Verify(directory.Path), Is.Empty);
        using TrakStore repaired = TrakStore.Open(directory.Path);
        Assert.That(repaired.FinalizationOf(1), Is.Null);
        Assert.That(repaired.FinalizationOf(0), Is.Not.Null);
    }

    [TestCase("float32", 1e-3)]
    // MadryLab/trak does all of its arithmetic in float16 there, ours is in float32: its scores are off by 6 %.
    [TestCase("float16", 1e-1)]
    public void FinalizedAnewItsScoresComeOutAgain(string precision, double tolerance)
    {
        using TemporaryDirectory directory = Copy(precision);
        using TrakStore store = TrakStore.OpenForWriting(directory.Path);
        using CpuBackend backend = new(Workers.Single);
        TrakScorer scorer = new(store, backend, Lambda.Absolute(0), Weighting.Trak);
        foreach (int modelId in store.ModelIds) scorer.FinalizeFeatures(modelId);
        using Scores scores = scorer.FinalizeScores("val");
        float[] actual = [.. Enumerable.Range(0, 96).SelectMany(i => scores.Row(i).ToArray())];
        Assert.That(
            Fixtures.RelativeError(actual, Fixtures.Floats("trak_save_dir", precision, "scores", "val.mmap")), Is.LessThan(tolerance));
    }

    [Test]
    public void ItCannotBeFeaturizedFurther()
    {
        using TemporaryDirectory directory = Copy("float32");
        TrakException error = Assert.Catch<TrakException>(
            () => TrakStore.OpenOrCreate(directory.Path, HandStore.Identity(96, 64), "managed float32", mixEngines: false))!;
        Assert.That(error.Message, Does.Contain("MadryLab/trak"));
    }

    [Test]
    public void OurFilesHaveItsNamesTypesAndShapes()
    {
        using TemporaryDirectory directory = new();
        float[] ones = Enumerable.Repeat(1f, 64).ToArray();
        using TrakStore store = HandStore.Create(directory["run"], 2, [(ones[..8], ones[..4], ones[..4])], ScoreScaling.TrakPython);
        using CpuBackend backend = new(Workers.Single);
        TrakScorer scorer = new(store, backend, Lambda.Relative(1), Weighting.Trak);
        scorer.FinalizeFeatures(0);
        scorer.FinalizeScores("val").Dispose();
        foreach (string file in Files.Where(static f => !f.Contains('1')))
            Assert.That(File.Exists(directory["run", file]), file);
        using NpyFile marks = NpyFile.Open(directory["run", "0", "_is_featurized.mmap"]);
        using NpyFile features = NpyFile.Open(directory["run", "0", "features.mmap"]);
        Assert.Multiple(() =>
        {
            Assert.That((marks.Type, marks.Shape), Is.EqualTo((ElementType.Int32, new long[] { 4, 1 })));
            Assert.That((features.Type, features.Shape), Is.EqualTo((ElementType.Float32, new long[] { 4, 2 })));
            Assert.That(features.ReadAll().ToFloats(), Has.None.Zero, "TRAK scaling fills features.mmap");
            Assert.That(File.ReadAllText(directory["run", "id_0.json"]), Does.Contain("\"is_finalized\": 1"));
            Assert.That(
                File.ReadAllText(directory["run", "metadata.json"]),
                Does.Contain("\"JL dimension\": 2").And.Contain("\"train set size\": 4"));
        });
    }

    private static TemporaryDirectory Copy(string precision)
    {
        TemporaryDirectory directory = new();
        foreach (string file in Files)
        {
            string source = Fixtures.Path("trak_save_dir", precision, file);
            Directory.CreateDirectory(Path.GetDirectoryName(directory[file])!);
            File.Copy(source, directory[file]);
        }

        return directory;
    }
}
