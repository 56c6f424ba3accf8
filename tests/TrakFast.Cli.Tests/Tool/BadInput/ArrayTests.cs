using TrakFast.Cli.Tests.Support;
using TrakFast.Kernels;

namespace TrakFast.Cli.Tests.Tool.BadInput;

/// <summary>Arrays that are whole files, and still not what the model or the task can read.</summary>
public sealed class ArrayTests
{
    [TestCase("train")]
    [TestCase("target")]
    public void AWrongShapeIsShownBesideTheOneWanted(string set)
    {
        using Workspace work = new();
        work.ChangeArray($"{set}.image.npy", static a => DataArray.From(a.ToFloats(), a.Shape[0], a.Length / a.Shape[0] / 2, 2));
        work.AssertRefused("", $"--{set}: ", "'image'", "[1, 32, 2]", "64]");
    }

    [TestCase("train")]
    [TestCase("target")]
    public void AWrongWidthIsShownBesideTheOneWanted(string set)
    {
        using Workspace work = new("cnn");
        work.ChangeArray($"{set}.image.npy", static a => DataArray.From(a.ToFloats().AsSpan(0, (int)a.Shape[0] * 49), a.Shape[0], 1, 7, 7));
        work.AssertRefused("", $"--{set}: ", "'image'", "[1, 1, 7, 7]");
    }

    [Test]
    public void AMissingArrayIsNamedWithThoseThereAre()
    {
        using Workspace work = new();
        work.AssertRefused($"--train label={work["train.label.npy"]}", "--train lacks 'image'", "it has label");
        work.AssertRefused(
            $"--target img={work["target.image.npy"]} label={work["target.label.npy"]}", "--target lacks 'image'", "it has img, label");
        work.AssertRefused($"--train image={work["train.image.npy"]}", "--train: ", "'label'", "it has image");
        work.AssertRefused(
            $"--target image={work["target.image.npy"]} labels={work["target.label.npy"]}", "--target: ", "'label'", "it has labels");
    }

    [TestCase("train")]
    [TestCase("target")]
    public void LabelsAreWholeNumbers(string set)
    {
        using Workspace work = new();
        work.ChangeArray($"{set}.label.npy", static a => DataArray.From(a.ToFloats(), [.. a.Shape]));
        work.AssertRefused("", $"--{set}: ", "'label' is Float32", "whole number");
    }

    [Test]
    public void LabelsAreOneForEachExample()
    {
        using Workspace work = new();
        work.ChangeArray("train.label.npy", static a => DataArray.From([.. a.ToLongs(), .. a.ToLongs()], a.Shape[0], 2));
        work.AssertRefused("", "--train: ", "'label' is Int64 [96, 2]", "[96]");
    }

    [TestCase("train", 95, 10)]
    [TestCase("train", 0, -1)]
    [TestCase("target", 15, 4_000_000_000_000)]
    public void ALabelOutOfRangeIsShownWithItsExample(string set, int example, double label)
    {
        using Workspace work = new();
        work.SetElements($"{set}.label.npy", (example, label));
        work.AssertRefused("", $"--{set}: ", $"'label' holds {label}", $"example {example}", "10 classes");
    }

    [Test]
    public void ArraysOfDifferentLengthsAreShown()
    {
        using Workspace work = new();
        work.ChangeArray("train.label.npy", static a => a.Rows(0, 90));
        work.AssertRefused("", "image has 96", "label has 90", work["train.label.npy"]);
    }

    [Test]
    public void NoExamplesAreRefused()
    {
        using Workspace work = new();
        foreach (string set in new[] { "train", "target" })
        {
            byte[] image = File.ReadAllBytes(work[$"{set}.image.npy"]), label = File.ReadAllBytes(work[$"{set}.label.npy"]);
            work.ChangeArray($"{set}.image.npy", static a => a.Rows(0, 0));
            work.ChangeArray($"{set}.label.npy", static a => a.Rows(0, 0));
            work.AssertRefused("", work[$"{set}.image.npy"], "[0, ", "one example or more");
            File.WriteAllBytes(work[$"{set}.image.npy"], image);
            File.WriteAllBytes(work[$"{set}.label.npy"], label);
        }
    }

    [Test]
    public void AScalarIsNoSetOfExamples()
    {
        using Workspace work = new();
        work.ChangeArray("train.label.npy", static _ => DataArray.From([3L]));
        work.AssertRefused("", work["train.label.npy"], "'label'");
    }

    [TestCase("train", 65, float.NaN, 1)]
    [TestCase("train", 64 * 95, float.PositiveInfinity, 95)]
    [TestCase("target", 64 * 3, float.NegativeInfinity, 3)]
    public void AnInputThatIsNotFiniteIsShownWithItsExample(string set, int position, float value, int example)
    {
        using Workspace work = new();
        work.SetElements($"{set}.image.npy", (position, value));
        work.AssertRefused("", work[$"{set}.image.npy"], $"holds {value}", $"example {example}");
    }

    [Test]
    public void AnInputTooLargeForTheNetworkIsShownWithItsExample()
    {
        using Workspace work = new();
        work.SetElements("train.image.npy", [.. Enumerable.Range(64 * 5, 64).Select(static i => (i, 3e38))]);
        work.AssertRefused("", "training example 5", "is");
    }

    [Test]
    public void ATargetTooLargeLeavesTheTrainingRows()
    {
        using Workspace work = new();
        work.SetElements("target.image.npy", [.. Enumerable.Range(64 * 5, 64).Select(static i => (i, 3e38))]);
        work.Run().AssertFailed("target 5");
        Assert.That(NpyFile.Read(work["save", "1", "_is_featurized.mmap"]).ToLongs(), Is.All.EqualTo(1), "the training set is done");
        Assert.That(work.Unfinished(), Is.Empty);
    }

    [Test]
    public void GradientsThatOverflowTheirPrecisionSayWhichWouldDo()
    {
        using Workspace work = new();
        work.SetElements("train.image.npy", [.. Enumerable.Range(64 * 2, 64).Select(static i => (i, 1e6))]);
        work.AssertRefused("--precision float16", "Row 2 of", "Float16", "bfloat16 or float32");
    }

    [Test]
    public void WholeNumbersForPicturesAreConverted()
    {
        using Workspace work = new();
        foreach (string set in new[] { "train", "target" })
            work.ChangeArray(
                $"{set}.image.npy",
                static a => new DataArray(ElementType.UInt8, a.Shape, a.ToFloats().Select(static v => (byte)v).ToArray()));
        work.Run().AssertDone();
    }
}
