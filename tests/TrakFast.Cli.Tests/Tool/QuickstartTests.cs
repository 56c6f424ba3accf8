using System.Text.RegularExpressions;
using TrakFast.Cli.Quickstart;
using TrakFast.Cli.Tests.Support;

namespace TrakFast.Cli.Tests.Tool;

/// <summary>The quickstart, with few subsets: everything but a sharp LDS.</summary>
public sealed class QuickstartTests
{
    [Test]
    public void TheDigitsAreCutTheSameWayEveryTime()
    {
        DigitsData data = DigitsData.Create(seed: 0);
        float[] pixels = data.Train["image"].ToFloats();
        Assert.Multiple(() =>
        {
            Assert.That(data.Train["image"].Shape, Is.EqualTo(new long[] { 1000, 1, 8, 8 }));
            Assert.That(data.Targets.Size, Is.EqualTo(200));
            Assert.That((pixels.Min(), pixels.Max()), Is.EqualTo((0f, 1f)));
            Assert.That(data.IsWrong.Count(static w => w), Is.EqualTo(100));
            Assert.That(data.Train["label"].ToLongs(), Has.All.InRange(0, 9));
            Assert.That(DigitsData.Create(seed: 0).Train["label"].ToLongs(), Is.EqualTo(data.Train["label"].ToLongs()));
            Assert.That(DigitsData.Create(seed: 1).Train["label"].ToLongs(), Is.Not.EqualTo(data.Train["label"].ToLongs()));
        });
    }

    [Test]
    public void ItRunsToItsReportAndItsFilesRunAgain()
    {
        using Workspace work = new();
        ToolResult result = ToolResult.Of(["quickstart", "--output", work["quick"], "--subset-count", "4"]).AssertDone();
        Assert.That(
            result.Output,
            Does.Contain("TRAK, loss weighting").And.Contain("ceiling").And.Contain("λ used").And.Contain("featurize")
                .And.Contain("Report: "));
        string html = File.ReadAllText(work["quick", "report.html"]);
        Assert.That(html, Does.Contain("Which digits taught the model?").And.Contain("data:image/png"));

        // What one run's checkpoints are worth stands in the table and in the report, and which ones they are.
        foreach (string row in new[] { "loss weighting, one run's last", "loss weighting, one run's four" })
        {
            Assert.That(Line(result.Output, row), Does.Match(@"\d\.\d{3} "));
            Assert.That(html, Does.Contain(row.Replace("'", "&#39;")));
        }

        Assert.That(result.Output, Does.Contain("after epochs 6, 12, 18 and 25"));

        // The other rows are over the five runs' last checkpoints, as `eval` measures what was scored.
        ToolResult measured = ToolResult.Of(
        [
            "eval", "--save-dir", work["quick", "run"], "--experiment", "targets",
            "--subsets", work["quick", "subsets.npy"], "--margins", work["quick", "margins.npy"],
        ]).AssertDone();
        foreach (string row in new[] { "TRAK ", "TRAK, loss weighting", "gradient dot product" })
            Assert.That(Numbers(Line(measured.Output, row)), Is.EqualTo(Numbers(Line(result.Output, row))));
        Assert.That(html, Does.Contain("5 checkpoints</summary>"));

        // What it wrote is what `run` reads: the same model, weights and pictures give the same features.
        ToolResult again = ToolResult.Of(
        [
            "run", "--task", "image_classification", "--model", work["quick", "model.onnx"],
            "--checkpoint", work["quick", "checkpoint_0.safetensors"],
            "--train", $"image={work["quick", "train.image.npy"]}", $"label={work["quick", "train.label.npy"]}",
            "--target", $"image={work["quick", "target.image.npy"]}", $"label={work["quick", "target.label.npy"]}",
            "--save-dir", work["again"], "--projection-dim", "512", "--batch-size", "33",
        ]).AssertDone();
        Assert.That(again.Output, Does.Contain("15,338"));
        Assert.That(
            File.ReadAllBytes(work["again", "0", "grads.mmap"]), Is.EqualTo(File.ReadAllBytes(work["quick", "run", "0", "grads.mmap"])));

        // A second quickstart replaces the first.
        ToolResult.Of(["quickstart", "--output", work["quick"], "--subset-count", "2"]).AssertDone();
    }

    [Test]
    public void SomebodyElsesDirectoryIsLeftAlone()
    {
        using Workspace work = new();
        Directory.CreateDirectory(work["quick", "run"]);
        File.WriteAllText(work["quick", "run", "precious.txt"], "mine");
        ToolResult.Of(["quickstart", "--output", work["quick"]]).AssertFailed("no earlier quickstart");
        Assert.That(File.Exists(work["quick", "run", "precious.txt"]));
    }

    private static string Line(string output, string row) =>
        output.Split('\n').First(line => line.StartsWith(row, StringComparison.Ordinal));

    private static string[] Numbers(string line) => [.. Regex.Matches(line, @"-?\d\.\d{3}").Select(static m => m.Value)];
}
