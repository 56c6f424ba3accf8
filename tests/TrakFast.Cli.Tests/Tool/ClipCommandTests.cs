using TrakFast.Cli.Tests.Support;
using TrakFast.Onnx;

namespace TrakFast.Cli.Tests.Tool;

/// <summary><c>run --task clip</c>: contrast sets, Q over either, and what is recorded and refused.</summary>
public sealed class ClipCommandTests
{
    [Test]
    public void ADrawnContrastSetDependsOnTheSeedAloneAndNotOnTheBatches()
    {
        using ClipWorkspace one = new(), batched = new(), given = new();
        one.Run("--contrast-size 6 --batch-size 24").AssertDone();
        batched.Run("--contrast-size 6 --batch-size 5").AssertDone();
        Assert.That(batched.Scores(), Is.EqualTo(one.Scores()));
        Assert.That(one.Scores().All(float.IsFinite) && one.Scores().Any(static s => s != 0), Is.True);

        // What was drawn is written down, and given as it is written it is the same run.
        string drawn = System.Text.Json.JsonDocument.Parse(one.Settings()).RootElement.GetProperty("run").GetProperty("task_settings")
            .GetProperty("contrast").GetString()!;
        given.Run($"--contrast {drawn}").AssertDone();
        Assert.That(given.Scores(), Is.EqualTo(one.Scores()));
        one.Run($"--contrast {drawn} --resume").AssertDone();
    }

    [Test]
    public void TheSeedDrawsAnotherSet()
    {
        using ClipWorkspace one = new(), other = new();
        one.Run("--contrast-size 6 --seed 1").AssertDone();
        other.Run("--contrast-size 6 --seed 2").AssertDone();
        Assert.That(other.OutToLoss(), Is.Not.EqualTo(one.OutToLoss()));
    }

    [Test]
    public void QOverTheBatchIsAnotherAndABatchOfOneIsRefused()
    {
        using ClipWorkspace contrast = new(), whole = new(), batch = new(), odd = new(), single = new();
        contrast.Run().AssertDone();

        // Contrasted with all of the training set, one batch of it all is the same set, and Q the same number.
        whole.Run("--clip-q batch --batch-size 24").AssertDone();
        Assert.That(whole.OutToLoss(), Is.EqualTo(contrast.OutToLoss()).Within(1e-6f));
        Assert.That(
            batch.Run("--clip-q batch --batch-size 8").AssertDone().Output, Does.Not.Contain("Warning").And.Contain("batches of 8"));
        Assert.That(batch.OutToLoss(), Is.Not.EqualTo(contrast.OutToLoss()).Within(1e-3f));
        Assert.That(
            odd.Run("--clip-q batch --batch-size 23").AssertDone().Output,
            Does.Contain("Warning").And.Contain("training example 23 alone"));
        Assert.That(odd.OutToLoss()[23], Is.Zero);
        single.Run("--clip-q batch --batch-size 1").AssertFailed("every Q would be 0");
    }

    [TestCase("--contrast 0-5 --temperature 2", "task's temperature 1, now 2")]
    [TestCase("--contrast 0-6", "task's contrast 0-5, now 0-6")]
    [TestCase("--contrast 0-5 --clip-q batch --batch-size 8", "task's q contrast set, now batches of 8")]
    public void ARunWithOtherSettingsIsRefused(string other, string part)
    {
        using ClipWorkspace work = new();
        work.Run("--contrast 0-5").AssertDone();
        float[] before = work.Scores();
        work.Run($"{other} --resume").AssertFailed(part, "another save directory");
        work.Run("--contrast 0,1,2,3,4,5 --resume").AssertDone();
        Assert.That(work.Scores(), Is.EqualTo(before));
    }

    [Test]
    public void AModelWithoutAScaleIsRefusedBeforeAnythingIsWritten()
    {
        using ClipWorkspace work = new();
        OnnxFile.Write(TwoTowers.Graph("image_embeds", "text_embeds"), work["model.onnx"]);
        work.Run().AssertFailed("--train", "scale", "the model has image_embeds, text_embeds");
        Assert.That(Directory.Exists(work.Save), Is.False);
    }

    [Test]
    public void EvalDoesNotRetrainForClip()
    {
        using ClipWorkspace work = new();
        work.Run().AssertDone();
        ToolResult.Of([.. $"eval --save-dir {work.Save} --model {work["model.onnx"]} --train image={work["train.image.npy"]} text={work["train.text.npy"]} --target image={work["target.image.npy"]} text={work["target.text.npy"]}".Split(' ')])
            .AssertFailed("clip", "--subsets and --margins");
    }
}
