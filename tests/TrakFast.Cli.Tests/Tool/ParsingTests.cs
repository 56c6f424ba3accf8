using System.CommandLine;
using TrakFast.Cli.Arguments;
using TrakFast.Cli.Parsing;

namespace TrakFast.Cli.Tests.Tool;

public sealed class ParsingTests
{
    [TestCase("image=a.npy", "image", "a.npy")]
    [TestCase("image=dir/lr=0.1/a.npy", "image", "dir/lr=0.1/a.npy")]
    [TestCase(@"image=C:\data\a.npy", "image", @"C:\data\a.npy")]
    public void ANameAndAFile(string text, string name, string path) =>
        Assert.That(NamedFile.Parse(text), Is.EqualTo(new NamedFile(name, path)));

    [TestCase("a.npy", "NAME=FILE")]
    [TestCase("=a.npy", "no name")]
    [TestCase("image=", "no file")]
    public void WhatIsMissingIsSaid(string text, string part) =>
        Assert.That(() => NamedFile.Parse(text), Throws.TypeOf<FormatException>().With.Message.Contains(part));

    [Test]
    public void ANameComesOnce() =>
        Assert.That(
            () => NamedFile.ParseAll(["a=1.npy", "a=2.npy"]), Throws.TypeOf<FormatException>().With.Message.Contains("1.npy and 2.npy"));

    [Test]
    public void CheckpointsTakeTheirPositionUnlessTheyChoose() =>
        Assert.That(
            CheckpointFile.ParseAll(["a.safetensors", "7=b.safetensors", "lr=0.1/c.safetensors"]),
            Is.EqualTo(new CheckpointFile[] { new(0, "a.safetensors"), new(7, "b.safetensors"), new(2, "lr=0.1/c.safetensors") }));

    [TestCase("1=a b", "model id 1")]
    [TestCase("5=", "no file")]
    [TestCase("99999999999=a", "beyond")]
    public void CheckpointsThatDoNotFitAreRefused(string texts, string part) =>
        Assert.That(() => CheckpointFile.ParseAll(texts.Split(' ')), Throws.TypeOf<FormatException>().With.Message.Contains(part));

    [Test]
    public void OptionsTakeSeveralAndRepeat()
    {
        Option<ExampleFiles> train = RunOptions.Examples("--train", "Train arrays.");
        Option<IReadOnlyList<CheckpointFile>> checkpoint = RunOptions.Checkpoints();
        RootCommand root = new() { train, checkpoint };

        ParseResult parsed = root.Parse(["--train", "image=a.npy", "label=b.npy", "--train", "mask=c.npy", "--checkpoint", "x", "y"]);
        Assert.That(parsed.Errors, Is.Empty);
        Assert.That(parsed.GetValue(train)!.Arrays.Select(static f => f.Name), Is.EqualTo(new[] { "image", "label", "mask" }));
        Assert.That(parsed.GetValue(checkpoint)!.Select(static c => c.ModelId), Is.EqualTo(new[] { 0, 1 }));
        Assert.That(root.Parse([]).GetValue(train)!.IsGiven, Is.False);
    }

    [Test]
    public void AnOptionThatDoesNotParseIsAnErrorOfUsage()
    {
        Option<ExampleFiles> train = RunOptions.Examples("--train", "Train arrays.");
        ParseResult parsed = new RootCommand { train }.Parse(["--train", "a.npy"]);
        Assert.That(parsed.Errors.Single().Message, Is.EqualTo("--train: 'a.npy' has no name; write NAME=FILE, for example image=a.npy."));
    }

    [Test]
    public void SourcesAreTheWordsThatNameNoArray()
    {
        ExampleFiles sources = ExampleFiles.Parse(["a.csv", "folder"]);
        Assert.That((sources.Arrays.Count, sources.Sources), Is.EqualTo((0, new[] { "a.csv", "folder" })));
        Assert.That(
            () => ExampleFiles.Parse(["image=a.npy", "folder"]),
            Throws.TypeOf<FormatException>().With.Message.Contains("'image=a.npy' names an array and 'folder' does not"));
    }

    [TestCase("text=a,label=b", "text:a label:b")]
    [TestCase("label=a+b text=t", "label:a+b text:t")]
    [TestCase("label=a label=b", "label:a+b")]
    public void ColumnsAreSeparatedByCommasOrWords(string words, string expected) =>
        Assert.That(
            string.Join(' ', NamedColumns.Parse(words.Split(' ')).Select(static c => $"{c.Key}:{string.Join('+', c.Value)}")), Is.EqualTo(expected));

    [TestCase("text")]
    [TestCase("=a")]
    [TestCase("text=")]
    public void ColumnsWithoutARoleOrANameAreRefused(string word) =>
        Assert.That(() => NamedColumns.Parse([word]), Throws.TypeOf<FormatException>().With.Message.Contains("ROLE=COLUMN"));
}
