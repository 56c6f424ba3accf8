using System.Text.RegularExpressions;
using TrakFast.Cli.Tests.Support;

namespace TrakFast.Cli.Tests.Tool;

/// <summary>
/// <c>report</c> and <c>top</c> on examples that have token ids: 96 training examples and 16 targets of the digits, with captions.
/// </summary>
public sealed partial class TextTests
{
    private const int Length = 8;
    private readonly Workspace _work = new();

    [OneTimeSetUp]
    public void RunOnce()
    {
        _work.Run().AssertDone();
        File.WriteAllText(
            _work["vocab.txt"],
            "[PAD]\n[UNK]\n[CLS]\n[SEP]\na\nhand\n##written\ndigit\n<script>\n.\nzero\none\n"
            + "two\nthree\nfour\nfive\nsix\nseven\neight\nnine\n");
        File.WriteAllText(_work["names.json"], """{"id2label": {"0": "zero <0>", "3": "three"}}""");
        foreach ((string set, int count) in new[] { ("train", 96), ("target", 16) })
        {
            long[] labels = NpyFile.Read(_work[$"{set}.label.npy"]).ToLongs();
            long[] ids = [.. labels.SelectMany(static label => new long[] { 2, 4, 5, 6, 8, 10 + label, 9, 3 })];
            Write($"{set}.ids.npy", DataArray.From(ids, count, Length));
            Write(
                $"{set}.mask.npy",
                DataArray.From([.. Enumerable.Range(0, count * Length).Select(static i => i % Length < 6)], count, Length));
            Write($"{set}.unknown.npy", DataArray.From([.. ids.Select(static id => id == 9 ? 70 : (int)id)], count, Length));
        }
    }

    [OneTimeTearDown]
    public void Remove() => _work.Dispose();

    [Test]
    public void TokensAreTextThroughAVocabulary()
    {
        string html = Report($"{Arrays("input_ids", "ids")} --vocabulary {_work["vocab.txt"]} --targets 0");
        Assert.That(html, Does.Match(
            """<p class="text" dir="auto">a handwritten &lt;script&gt; (zero|one|two|three|four|five|six|seven|eight|nine)\.</p>"""));
        Assert.That(html, Does.Not.Contain("<script").And.Not.Contain("[CLS]").And.Contain("<ol class=\"rows\">"));
    }

    [Test]
    public void AMaskLeavesOutWhatItMasks()
    {
        string html = Report($"{Arrays("input_ids", "ids", "attention_mask", "mask")} --vocabulary {_work["vocab.txt"]} --targets 0");
        Assert.That(html, Does.Match("""a handwritten &lt;script&gt; [a-z]+</p>"""));
    }

    [Test]
    public void APictureAndItsCaptionAreOneCard()
    {
        string html = Report(
            $"{Arrays("image", "image", "input_ids", "ids", "attention_mask", "mask", "label", "label")} "
            + $"--vocabulary {_work["vocab.txt"]} --targets 0 1");
        Assert.That(html, Does.Contain("<ol class=\"pairs\">").And.Not.Contain("<ol class=\"tiles").And.Not.Contain("<ol class=\"rows\">"));
        Assert.That(Pairs().Count(html), Is.EqualTo(Examples().Count(html) + 2), "a card for each example, and the two targets");
        Assert.That(html, Does.Match("alt=\"Training example [0-9]+, labeled [0-9]\""));
    }

    [Test]
    public void WithoutAVocabularyIdsAreNumbers()
    {
        string html = Report($"{Arrays("input_ids", "ids", "attention_mask", "mask")} --targets 0");
        Assert.That(html, Does.Match(@"\[2, 4, 5, 6, 8, 1[0-9]\]</p>"));
    }

    [Test]
    public void ArraysAreShownAsAsked()
    {
        string arrays = Arrays("image", "image", "input_ids", "ids", "label", "label");
        Assert.That(Report($"{arrays} --show image --targets 0"), Does.Contain("<ol class=\"tiles").And.Not.Contain("class=\"text\""));
        Assert.That(
            Report($"{arrays} --show input_ids --vocabulary {_work["vocab.txt"]} --targets 0"),
            Does.Contain("<ol class=\"rows\">").And.Not.Contain("<img"));
    }

    [Test]
    public void TwoArraysOfTokensAreNamedAndMayHaveTheirOwnVocabularies()
    {
        File.WriteAllText(
            _work["other.json"],
            """["zero", "one", "two", "three", "four", "five", "x", "y", "z", "u", "A", "B", "C", "D", "E", "F", "G", "H", "I", "J"]""");
        string html = Report(
            $"{Arrays("question", "ids", "answer", "ids")} --vocabulary question={_work["vocab.txt"]} {_work["other.json"]} --targets 0");
        Assert.That(
            html,
            Does.Contain("<bdi>question</bdi>").And.Contain("<bdi>answer</bdi>").And.Contain("a handwritten")
                .And.Contain("two four five x z"));
    }

    [Test]
    public void LabelsHaveNames()
    {
        string html = Report($"{Arrays("image", "image", "label", "label")} --label-names {_work["names.json"]} --count 90");
        Assert.That(html, Does.Contain("<b>three</b>").And.Contain("<b>zero &lt;0&gt;</b>").And.Contain("<b>7</b>"));
    }

    [Test]
    public void AnIdWithoutATokenIsShownAndSaidOnce()
    {
        string options = $"{Arrays("input_ids", "unknown")} --vocabulary {_work["vocab.txt"]} --targets 0 3";
        ToolResult result = _work.Report(options);
        Assert.That(result.ExitCode, Is.Zero);
        Assert.That(result.ErrorLines, Is.EqualTo(
            new[] { $"'input_ids' holds the id 70, for which {_work["vocab.txt"]} with its 20 tokens has none; it is shown as ⟨70⟩." }));
        Assert.That(
            File.ReadAllText(_work["report.html"]),
            Does.Contain("""<bdi class="no-token" title="The vocabulary has no token of this id.">⟨70⟩</bdi>"""));
        Assert.That(Top(options).ErrorLines, Is.EqualTo(result.ErrorLines));
    }

    [Test]
    public void TopShowsOneLineOfTextForEachExample()
    {
        ToolResult result =
            Top($"{Arrays("input_ids", "ids", "label", "label")} --vocabulary {_work["vocab.txt"]} --targets 0 --count 3").AssertDone();
        string[] lines = [.. result.Output.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries)];
        Assert.That(lines, Has.Length.EqualTo(11), "two of them on what made the scores");
        Assert.That(lines[0], Does.Match(@"^Target 0 \([0-9]\): a handwritten <script> [a-z]+\.$"));
        Assert.That(lines[1], Does.Match("^Rank +Proponent +Score +Label +Text$"));
        Assert.That(lines[5], Does.Match("^Rank +Opponent +Score +Label +Text$"));
        foreach (string row in lines[2..5].Concat(lines[6..9]))
            Assert.That(row, Does.Match(@"^[123] +[0-9]+ +[+-][0-9.e+-]+ +[0-9] +a handwritten <script> [a-z]+\.$"));
    }

    [Test]
    public void TopWithoutTextIsAsItWas() =>
        Assert.That(
            _work.Top("--targets 0").AssertDone().Output, Does.Contain("Rank  Proponent").And.Contain("Opponent").And.Not.Contain("Text"));

    [TestCase("--vocabulary none.txt", "none.txt", "no such file")]
    [TestCase("--vocabulary image=none.txt", "'image'", "Float32 [")]
    [TestCase("--vocabulary other=none.txt", "'other'", "--train and --target")]
    [TestCase("--show other", "'other'", "there are image, input_ids")]
    [TestCase("--show image --vocabulary none.txt", "no token ids", "input_ids")]
    [TestCase("--show image --vocabulary input_ids=none.txt", "'input_ids'", "--show does not")]
    [TestCase("--label-names none.txt", "none.txt", "no such file")]
    public void WhatCannotBeShownIsSaid(string options, params string[] parts) =>
        _work.Report($"{Arrays("image", "image", "input_ids", "ids")} {options}").AssertFailed(parts);

    [Test]
    public void TopNeedsTokensOfTheSetsThatWereScored()
    {
        Top(Arrays("image", "image")).AssertFailed("no token ids", "it has image");
        Top($"{Arrays("input_ids", "ids").Replace("--train", "--x", StringComparison.Ordinal).Replace("--target", "--train", StringComparison.Ordinal).Replace("--x", "--target", StringComparison.Ordinal)}").AssertFailed("--train has 16 examples", "96");
        Top($"--vocabulary {_work["vocab.txt"]}").AssertFailed("there are no token ids");
        Top($"--target input_ids={_work["target.ids.npy"]}").AssertFailed("share no array");
    }

    [TestCase("a.txt b.txt", "two vocabularies", "a.txt and b.txt")]
    [TestCase("x=a.txt x=b.txt", "'x'", "a.txt and b.txt")]
    [TestCase("x=", "no file")]
    public void VocabulariesThatDoNotFitAreWrongUsage(string files, params string[] parts) =>
        _work.Report($"{Arrays("input_ids", "ids")} --vocabulary {files}").AssertWrongUsage(parts);

    [Test]
    public void APathMayHaveAnEqualsSignBehindItsDirectory()
    {
        Directory.CreateDirectory(_work["lr=1"]);
        File.Copy(_work["vocab.txt"], _work["lr=1", "vocab.txt"]);
        Assert.That(Report($"{Arrays("input_ids", "ids")} --vocabulary {_work["lr=1", "vocab.txt"]}"), Does.Contain("a handwritten"));
    }

    private void Write(string name, DataArray array) => NpyFile.Write(_work[name], array);

    // Names of arrays, each followed by what its files are called.
    private string Arrays(params string[] namesAndFiles)
    {
        return $"--train {Of("train")} --target {Of("target")}";

        string Of(string set) => string.Join(' ', namesAndFiles.Chunk(2).Select(pair => $"{pair[0]}={_work[$"{set}.{pair[1]}.npy"]}"));
    }

    private string Report(string options)
    {
        _work.Report(options).AssertDone();
        return File.ReadAllText(_work["report.html"]);
    }

    private ToolResult Top(string options) => _work.Top(options);

    [GeneratedRegex("""<div class="parts"><img class="(tile|large)[^>]*><p class="text" dir="auto">""")]
    private static partial Regex Pairs();

    [GeneratedRegex("<li class=\"example")]
    private static partial Regex Examples();
}
