using TrakFast.Cli.Tests.Support;

namespace TrakFast.Cli.Tests.Data;

/// <summary>Runs on data as people have them, which lie in samples/data.</summary>
public sealed class SourceRunTests
{
    private static readonly string Samples = Path.Combine(FixtureFolder.Path, "..", "..", "samples", "data");
    private string _folder = null!;

    private string Save => Path.Combine(_folder, "save");

    [SetUp]
    public void SetUp() => _folder = Directory.CreateTempSubdirectory("trakfast-sources-").FullName;

    [TearDown]
    public void TearDown() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void IdxGivesTheFeaturesOfArraysWithTheSamePixels()
    {
        Run("mnist", Sample("train-images-idx3-ubyte"), Sample("t10k-images-idx3-ubyte")).AssertDone();
        byte[] grads = File.ReadAllBytes(Path.Combine(Save, "0", "grads.mmap"));
        float[] pixels = [.. File.ReadAllBytes(Sample("train-images-idx3-ubyte")).Skip(16).Select(static b => (float)(b / 255.0))];
        long[] labels = [.. File.ReadAllBytes(Sample("train-labels-idx1-ubyte")).Skip(8).Select(static b => (long)b)];
        (string images, string numbers) = (Path.Combine(_folder, "image.npy"), Path.Combine(_folder, "label.npy"));
        NpyFile.Write(images, DataArray.From(pixels, labels.Length, 1, 8, 8));
        NpyFile.Write(numbers, DataArray.From(labels, labels.Length));
        Directory.Delete(Save, recursive: true);
        Tool($"run --task image_classification --model {Sample("mnist.onnx")} --checkpoint {Sample("mnist.pt")} --save-dir {Save} "
            + $"--projection-dim 64 --train image={images} label={numbers} --target image={images} label={numbers}").AssertDone();
        Assert.That(File.ReadAllBytes(Path.Combine(Save, "0", "grads.mmap")), Is.EqualTo(grads));
    }

    [Test]
    public void AFolderIsRunReportedAndListedWithItsOwnPicturesAndWords()
    {
        ToolResult run = Run("digits", Sample("digits", "train"), Sample("digits", "target")).AssertDone();
        Assert.That(run.Output, Does.Contain("image float32 [1, 8, 8]").And.Contain("0 eight, 1 five"));

        ToolResult top = Tool($"top --save-dir {Save} --targets 0 --output {Path.Combine(_folder, "top.jsonl")}").AssertDone();
        Assert.That(top.Output, Does.Contain("Target 0 (eight)").And.Contain(".png"));
        string[] lines = File.ReadAllLines(Path.Combine(_folder, "top.jsonl"));
        Assert.That(lines, Has.Length.EqualTo(10).And.All.Contains("\"train_index\":").And.All.Contains("\"label\":\""));

        string report = Path.Combine(_folder, "report.html");
        Tool($"report --save-dir {Save} --output {report}").AssertDone();
        Assert.That(File.ReadAllText(report), Does.Contain("<b>eight</b>").And.Contain("data:image/png;base64,"));
    }

    [TestCase("csv", "text=review,label=sentiment", "negative")]
    [TestCase("parquet", "text=review,label=sentiment", "negative")]
    [TestCase("jsonl", "text=document.review,label=label", "0")]
    public void TextsOfEveryKindOfFileGiveTheSameScores(string kind, string columns, string label)
    {
        Tool($"run --task text_classification --model {Sample("reviews.onnx")} --checkpoint {Sample("reviews.pt")} --save-dir {Save} --projection-dim 64 "
            + $"--train {Sample($"reviews-train.{kind}")} --target {Sample($"reviews-target.{kind}")} --columns {columns} "
            + $"--tokenizer {Sample("vocab.txt")}").AssertDone();
        ToolResult top = Tool($"top --save-dir {Save} --targets 0").AssertDone();
        Assert.That(top.Output, Does.Contain($"Target 0 ({label}): I found the plot boring").And.Contain("I found the plot clumsy; even the cast felt clumsy."));
        Assert.That(top.Output, Does.Contain("1     30"));
    }

    [Test]
    public void ColumnsOfNumbersGoToAnInputAsWide()
    {
        ToolResult run = Run("pixels", Sample("pixels-train.csv"), Sample("pixels-target.csv"), "--columns label=digit").AssertDone();
        Assert.That(run.Output, Does.Contain("pixels float32 [64]").And.Contain("64 columns"));
        Assert.That(run.Output, Does.Contain("0 eight, 1 five"));
    }

    [Test]
    public void DamagedPicturesAreNamedOrLeftOutAndListed()
    {
        string train = Path.Combine(_folder, "train");
        foreach (string file in Directory.GetFiles(Sample("digits", "train"), "*.png", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(train, Path.GetRelativePath(Sample("digits", "train"), file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        string bad = Directory.GetFiles(Path.Combine(train, "two")).Order(StringComparer.Ordinal).First();
        File.WriteAllBytes(bad, File.ReadAllBytes(bad)[..40]);
        Run("digits", train, Sample("digits", "target")).AssertFailed(bad, "--skip-bad");
        Assert.That(Directory.Exists(Save), Is.False);

        ToolResult run = Run("digits", train, Sample("digits", "target"), "--skip-bad").AssertDone();
        Assert.That(run.Output, Does.Contain("1 of 120 examples cannot be read").And.Contain(bad).And.Contain("Training examples n   119"));
        Assert.That(File.ReadAllText(Path.Combine(Save, "examples.json")), Does.Contain("left_out"));

        // The rows after the one that is gone are still themselves.
        ToolResult top = Tool($"top --save-dir {Save} --targets 0 --count 119").AssertDone();
        string last = Directory.GetFiles(Path.Combine(train, "zero")).Order(StringComparer.Ordinal).Last();
        Assert.That(top.Output, Does.Match($@"118 +\S+ +zero +{System.Text.RegularExpressions.Regex.Escape(last)}"));
    }

    [Test]
    public void ALongTextIsCutIntoWindowsThatKnowTheirDocument()
    {
        Tool($"run --task text_classification --model {Sample("reviews.onnx")} --checkpoint {Sample("reviews.pt")} --save-dir {Save} --projection-dim 64 "
            + $"--train {Sample("reviews-train.csv")} --target {Sample("reviews-target.csv")} --columns text=review,label=sentiment "
            + $"--tokenizer {Sample("vocab.txt")} --max-length 8 --chunk 2").AssertDone();
        string list = Path.Combine(_folder, "top.csv");
        Tool($"top --save-dir {Save} --targets 0 --output {list}").AssertDone();
        Assert.That(File.ReadLines(list).First(), Is.EqualTo("target,kind,rank,train_index,score,review,sentiment,document,chunk"));

        ToolResult groups = Tool($"top --save-dir {Save} --targets 0 --sum-by document --count 1000").AssertDone();
        Tool($"top --save-dir {Save} --targets 0 --count 1000 --output {list}").AssertDone();
        string[][] rows = [.. File.ReadLines(list).Skip(1).Select(static l => l.Split(',')).Where(static r => r[1] == "proponent")];
        double expected = rows.Where(static r => r[^2] == "7").Sum(static r =>
            double.Parse(r[4], System.Globalization.CultureInfo.InvariantCulture));
        int windows = rows.Count(static r => r[^2] == "7");
        Assert.That(windows, Is.GreaterThan(1));
        string sum = expected.ToString("+0.000e+00;-0.000e+00;0", System.Globalization.CultureInfo.InvariantCulture);
        Assert.That(groups.Output, Does.Match($@"{System.Text.RegularExpressions.Regex.Escape(sum)} +{windows} +document 7\b"));
    }

    [Test]
    public void DoctorShowsTheFirstRowsAsTheModelReadsThem()
    {
        ToolResult doctor = Tool($"doctor --data {Sample("reviews-train.csv")} --model {Sample("reviews.onnx")} "
            + $"--columns text=review,label=sentiment --tokenizer {Sample("vocab.txt")}").AssertDone();
        Assert.That(doctor.Output, Does.Contain("A bland music, with a clumsy script!").And.Contain("input_ids int64 [14]"));
        Assert.That(doctor.Output, Does.Match(@"input_ids +2 8 11"));
    }

    [TestCase("--columns text=nothing", "has no column 'nothing'; it has review, sentiment")]
    [TestCase("", "--columns label=COLUMN names it")]
    [TestCase("--columns label=sentiment --input none=review", "--input names 'none', which the model does not read; it reads input_ids, attention_mask")]
    [TestCase("--columns label=sentiment --max-length 1", "has no room for the 2 that go around texts")]
    public void WhatDoesNotGoTogetherIsSaid(string options, string sentence) =>
        Tool($"run --task text_classification --model {Sample("reviews.onnx")} --checkpoint {Sample("reviews.pt")} --save-dir {Save} "
            + $"--train {Sample("reviews-train.csv")} --target {Sample("reviews-target.csv")} --tokenizer {Sample("vocab.txt")} {options}")
            .AssertFailed(sentence);

    [Test]
    public void PicturesOfAnotherSizeAreRefusedWithWhatHelps() =>
        Run("color", Sample("digits", "train"), Sample("digits", "target")).AssertFailed("8 × 8 pixels", "[3, 8, 8]", "--resize");

    [Test]
    public void ResizingMakesThemFit() =>
        Assert.That(
            Run("color", Sample("digits", "train"), Sample("digits", "target"), "--resize 40 --crop 32 --mean 0.5 --std 0.25").AssertDone().Output,
            Does.Contain("resized to 40 at the shorter side (bilinear), the middle 32 × 32, / 255, − 0.5, / 0.25"));

    [Test]
    public void OtherDataThanWereScoredAreNotShown()
    {
        Run("digits", Sample("digits", "train"), Sample("digits", "target")).AssertDone();
        Tool($"report --save-dir {Save} --train {Sample("digits", "target")} --output {Path.Combine(_folder, "r.html")}")
            .AssertFailed("--train", "20 examples; the scores are of 120");
    }

    private static string Sample(params string[] parts) => Path.GetFullPath(Path.Combine([Samples, .. parts]));

    private static ToolResult Tool(string line) => ToolResult.Of([.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);

    private ToolResult Run(string model, string train, string target, string more = "") => Tool(
        $"run --task image_classification --model {Sample($"{model}.onnx")} --checkpoint {Sample($"{model}.pt")} --train {train} --target {target} "
        + $"--save-dir {Save} --projection-dim 64 {more}");
}
