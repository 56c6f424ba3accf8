using TrakFast.Kernels;
using TrakFast.Onnx;
using TrakFast.Tests.Support;

namespace TrakFast.Tests.Lifecycle;

/// <summary>What is disposed says so.</summary>
public sealed class DisposedTests
{
    [Test]
    public async Task EveryObjectOfARunThrowsObjectDisposed()
    {
        using TemporaryDirectory directory = new();
        using ConformanceCase fixture = new("mlp");
        Traker traker = new(
            fixture.Model, TrakFast.Tasks.ImageClassification, 96,
            new TrakOptions { SaveDirectory = directory["run"], ProjectionDimension = 64 });
        traker.LoadCheckpoint(fixture.Checkpoints[0], 0);
        await traker.FeaturizeAsync([fixture.Train]);
        await traker.FinalizeFeaturesAsync();
        traker.StartScoringCheckpoint("val", fixture.Checkpoints[0], 0, 16);
        await traker.ScoreAsync([fixture.Targets]);
        Scores scores = await traker.FinalizeScoresAsync("val");
        Assert.That(scores.Row(3), Is.EqualTo(Enumerable.Range(0, 16).Select(j => scores[3, j])));
        scores.Dispose();
        scores.Dispose();
        traker.Dispose();
        traker.Dispose();
        using (Assert.EnterMultipleScope())
        {
            Gone(() => _ = scores[0, 0]);
            Gone(() => scores.Row(0));
            Gone(() => scores.Target(0));
            Gone(() => scores.Top(0, 5));
            Gone(() => traker.LoadCheckpoint(fixture.Checkpoints[0], 0));
            Gone(() => traker.Featurize(fixture.Train));
            Gone(() => traker.FeaturizeAsync([fixture.Train]));
            Gone(() => traker.FinalizeFeatures());
            Gone(() => traker.StartScoringCheckpoint("val", fixture.Checkpoints[0], 0, 16));
            Gone(() => traker.Score(fixture.Targets));
            Gone(() => traker.FinalizeScores("val"));
            Gone(() => traker.Store.ReadScores("val"));
            Gone(() => traker.Store.ReadFeatures(0));
            Gone(() => traker.Store.ReadOutToLoss(0));
            Gone(() => traker.Store.FinalizationOf(0));
        }

        OnnxModel model = OnnxModel.Load(Fixtures.Path("mlp", "model.onnx"));
        ModelResult result = model.Forward(fixture.Targets);
        result.Dispose();
        Gone(() => _ = result["logits"]);
        model.Dispose();
        Gone(() => model.Forward(fixture.Targets));
        Gone(() => model.Load(fixture.Checkpoints[0]));

        NpyDataset set = NpyDataset.Open([("image", Fixtures.Path("mlp", "train.image.npy"))]);
        set.Dispose();
        Gone(() => set.Read(0, 1));
        NativeBuffer<float> buffer = new(4);
        buffer.Dispose();
        Gone(() => buffer.Slice(0, 1).Clear());

        static void Gone(Action use) => Assert.That(() => use(), Throws.InstanceOf<ObjectDisposedException>());
    }
}
