using TrakFast.Cli.Tests.Support;
using TrakFast.Onnx;

namespace TrakFast.Integrity.Tests;

/// <summary>Point 9: numbers that cannot be, or that make a result meaningless, each get a sentence.</summary>
public sealed class ValueTests
{
    [Test]
    public void QOutsideItsRangeIsAnErrorWithItsExample()
    {
        using SmallRun run = new();
        using OnnxModel model = OnnxModel.Load(run.File("model.onnx"));
        using NpyDataset train = NpyDataset.Open([("image", run.File("train.image.npy")), ("label", run.File("train.label.npy"))]);
        using Traker traker = new(model, new Wild(), 6, new TrakOptions { SaveDirectory = run.Save, ProjectionDimension = 4 });
        traker.LoadCheckpoint(model.ToCheckpoint("w"), 0);
        InputException wrong = Assert.Throws<InputException>(() => traker.Featurize(train.Read(0, 3)))!;
        Assert.That(wrong.Message, Does.Contain("training example 0").And.Contain("between 0 and 1"));
        Assert.That(traker.DoneCount, Is.Zero);
    }

    [Test]
    public void GradientsThatAreAllZeroAreCounted()
    {
        using Workspace work = new();
        work.ChangeCheckpoint("checkpoint_0.safetensors", Dead);
        work.ChangeCheckpoint("checkpoint_1.safetensors", Dead);
        ToolResult result = work.Run("--gradient-of fc1.*");
        Assert.That(result.Output, Does.Contain("Warning: 96 of 96 examples have gradients that are all zero"));
        Assert.That(result.ExitCode, Is.EqualTo(1));
        Assert.That(result.Error, Does.Contain("Every feature is zero").And.Not.Contain("λ = 0"));

        static void Dead(Dictionary<string, DataArray> tensors)
        {
            foreach (string name in new[] { "fc1.weight", "fc2.weight" })
                tensors[name] = DataArray.From(new float[tensors[name].Length], [.. tensors[name].Shape]);
        }
    }

    [Test]
    public void AΛThatMakesEveryScoreZeroIsAnError()
    {
        using Workspace work = new();
        work.Run("--lambda-absolute 1e80").AssertFailed("Every score would be zero", "1E+80");
        Assert.That(File.Exists(work["save", "scores", "default.mmap"]), Is.False);
        Assert.That(work.Unfinished(), Is.Empty);
    }

    [Test]
    public void TheSameCheckpointGivenTwiceIsSaid()
    {
        using Workspace work = new();
        ToolResult result = work.Run($"--checkpoint {work["checkpoint_0.safetensors"]} {work["checkpoint_0.safetensors"]}").AssertDone();
        Assert.That(result.Output, Does.Contain("models 0 and 1 have the same weights"));
        Assert.That(work.Top("--targets 0").Output, Does.Not.Contain("same weights"));
    }

    [Test]
    public void AnExampleThatIsNotFiniteIsNamed()
    {
        using Workspace work = new();
        work.SetElements("train.image.npy", ((64 * 7) + 3, double.NaN));
        work.AssertRefused(string.Empty, "train.image.npy", "NaN", "example 7");
    }

    /// <summary>A task that says where Q lies, and puts it elsewhere.</summary>
    private sealed class Wild : ModelOutput
    {
        public override (float Lowest, float Highest)? OutToLossRange => (0, 1);

        public override Variable GetOutput(ModelResult result, Batch batch) => Tasks.ImageClassification.GetOutput(result, batch);

        public override Variable GetOutToLossGradient(ModelResult result, Batch batch) =>
            Tasks.ImageClassification.GetOutToLossGradient(result, batch) * 1e6f;
    }
}
